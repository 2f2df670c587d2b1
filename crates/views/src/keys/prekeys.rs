//! What is left of each device's one-time keys, and whether its fallback keys were used.

use std::collections::{BTreeMap, BTreeSet};

use domain::user::keys::{
    FallbackKeysUploaded, FallbackKeysUsed, OneTimeKeysClaimed, OneTimeKeysUploaded, SIGNED_CURVE25519, algorithm_of,
};
use projection::{Batch, KeyRange, Order, Rows, ViewFault};
use ruma::{DeviceId, UserId};

use super::{
    prekeys_row::{Fallback, Prekeys},
    tables::PREKEYS,
};

/// What a device has left for others to begin a session with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PrekeysLeft {
    /// How many one-time keys, by algorithm; `signed_curve25519` is always there, with 0 if need be, so that a client
    /// knows to upload some.
    pub one_time: BTreeMap<String, u64>,
    /// The algorithms for which there is a fallback key that was never given out.
    pub unused_fallback: Vec<String>,
}

/// The prekeys that a device has left.
///
/// # Errors
/// When rows cannot be read.
pub fn prekeys_left(rows: &dyn Rows, user: &UserId, device: &DeviceId) -> Result<PrekeysLeft, ViewFault> {
    let prekeys = PREKEYS.get(rows, &(user.as_str(), device.as_str()))?.unwrap_or_default();
    let mut one_time = BTreeMap::from([(SIGNED_CURVE25519.to_owned(), 0)]);
    one_time.extend(prekeys.one_time.into_iter().map(|(algorithm, ids)| (algorithm, ids.len() as u64)));
    let unused = prekeys.fallback.into_iter().filter(|(_, fallback)| !fallback.used);
    Ok(PrekeysLeft { one_time, unused_fallback: unused.map(|(algorithm, _)| algorithm).collect() })
}

pub(super) fn add(batch: &mut Batch<'_>, fact: &OneTimeKeysUploaded) -> Result<(), ViewFault> {
    change(batch, &fact.user_id, &fact.device_id, |prekeys| {
        for id in fact.keys.keys() {
            prekeys.one_time.entry(algorithm_of(id).to_owned()).or_default().insert(id.clone());
        }
    })
}

pub(super) fn set_fallback(batch: &mut Batch<'_>, fact: &FallbackKeysUploaded) -> Result<(), ViewFault> {
    change(batch, &fact.user_id, &fact.device_id, |prekeys| {
        for id in fact.keys.keys() {
            prekeys.fallback.insert(algorithm_of(id).to_owned(), Fallback { id: id.clone(), used: false });
        }
    })
}

pub(super) fn claim(batch: &mut Batch<'_>, fact: &OneTimeKeysClaimed) -> Result<(), ViewFault> {
    for (device_id, id) in &fact.keys {
        change(batch, &fact.user_id, device_id, |prekeys| {
            if let Some(ids) = prekeys.one_time.get_mut(algorithm_of(id)) {
                ids.remove(id);
            }
        })?;
    }
    Ok(())
}

pub(super) fn use_fallback(batch: &mut Batch<'_>, fact: &FallbackKeysUsed) -> Result<(), ViewFault> {
    for (device_id, id) in &fact.keys {
        change(batch, &fact.user_id, device_id, |prekeys| {
            if let Some(fallback) = prekeys.fallback.get_mut(algorithm_of(id)).filter(|fallback| fallback.id == *id) {
                fallback.used = true;
            }
        })?;
    }
    Ok(())
}

pub(super) fn drop_one_time_keys(batch: &mut Batch<'_>, user: &UserId) -> Result<(), ViewFault> {
    let devices = PREKEYS.collect(batch, KeyRange::prefix(user.as_str()), Order::Ascending, usize::MAX)?;
    for (key, mut prekeys) in devices {
        prekeys.one_time.values_mut().for_each(BTreeSet::clear);
        PREKEYS.put(batch, &key, &prekeys)?;
    }
    Ok(())
}

fn change(
    batch: &mut Batch<'_>,
    user: &UserId,
    device: &DeviceId,
    change: impl FnOnce(&mut Prekeys),
) -> Result<(), ViewFault> {
    let key = (user.as_str(), device.as_str());
    let mut prekeys = PREKEYS.get(batch, &key)?.unwrap_or_default();
    change(&mut prekeys);
    PREKEYS.put(batch, &key, &prekeys)
}
