//! Identity keys of devices, as `/keys/query` gives them out.

use domain::user::keys::DeviceKeysUploaded;
use projection::{Batch, KeyRange, Order, Rows, ViewFault};
use ruma::{CanonicalJsonObject, DeviceId, OwnedDeviceId, UserId};

use super::{
    cross_signing::merge_signatures,
    tables::{DEVICE_KEYS, PREKEYS, SIGNATURES},
};

/// The identity keys of one device with the signatures that everybody may see; none when it has not uploaded any.
///
/// # Errors
/// When rows cannot be read.
pub fn device_keys(rows: &dyn Rows, user: &UserId, device: &DeviceId) -> Result<Option<CanonicalJsonObject>, ViewFault> {
    let Some(mut keys) = DEVICE_KEYS.get(rows, &(user.as_str(), device.as_str()))? else { return Ok(None) };
    merge_signatures(rows, &mut keys, user, device.as_str(), user)?;
    Ok(Some(keys))
}

/// The identity keys of the devices of one person behind a device, in order of their ids; at most `limit`.
///
/// # Errors
/// When rows cannot be read.
pub fn device_keys_after(
    rows: &dyn Rows,
    user: &UserId,
    after: Option<&DeviceId>,
    limit: usize,
) -> Result<Vec<(OwnedDeviceId, CanonicalJsonObject)>, ViewFault> {
    let range = match after {
        None => KeyRange::prefix(user.as_str()),
        Some(device) => KeyRange::prefix_after(user.as_str(), &(user.as_str(), device.as_str())),
    };
    let found = DEVICE_KEYS.collect(rows, range, Order::Ascending, limit)?;
    let with_signatures = |((_, device), mut keys): ((String, String), CanonicalJsonObject)| {
        merge_signatures(rows, &mut keys, user, &device, user)?;
        Ok((OwnedDeviceId::from(device), keys))
    };
    found.into_iter().map(with_signatures).collect()
}

/// Whether a device has published identity keys.
///
/// # Errors
/// When rows cannot be read.
pub fn has_device_keys(rows: &dyn Rows, user: &UserId, device: &DeviceId) -> Result<bool, ViewFault> {
    DEVICE_KEYS.contains(rows, &(user.as_str(), device.as_str()))
}

/// The devices of one person that have published identity keys.
///
/// # Errors
/// When rows cannot be read.
pub fn devices_with_keys(rows: &dyn Rows, user: &UserId) -> Result<Vec<OwnedDeviceId>, ViewFault> {
    let keys = DEVICE_KEYS.collect_keys(rows, KeyRange::prefix(user.as_str()), Order::Ascending, usize::MAX)?;
    Ok(keys.into_iter().map(|(_, device)| OwnedDeviceId::from(device)).collect())
}

pub(super) fn put(batch: &mut Batch<'_>, fact: &DeviceKeysUploaded) -> Result<(), ViewFault> {
    let key = (fact.user_id.as_str(), fact.device_id.as_str());
    let before = DEVICE_KEYS.get(batch, &key)?;
    if before.is_some_and(|before| before.get("keys") != fact.keys.get("keys")) {
        // One-time keys and signatures belong to the keys that are gone.
        PREKEYS.delete(batch, &key)?;
        SIGNATURES.delete_all(batch, KeyRange::prefix(&key))?;
    }
    DEVICE_KEYS.put(batch, &key, &fact.keys)
}

/// Removes all of a device's keys.
pub(super) fn remove(batch: &mut Batch<'_>, user: &UserId, device: &DeviceId) -> Result<(), ViewFault> {
    let key = (user.as_str(), device.as_str());
    DEVICE_KEYS.delete(batch, &key)?;
    PREKEYS.delete(batch, &key)?;
    SIGNATURES.delete_all(batch, KeyRange::prefix(&key)).map(|_| ())
}
