//! The dehydrated device of each person.

use domain::user::dehydrated::DehydratedDeviceSet;
use projection::{Batch, Rows, ViewFault};
use ruma::{OwnedDeviceId, UserId, api::client::dehydrated_device::DehydratedDeviceData, serde::Raw};

use super::tables::DEHYDRATED;

/// The dehydrated device of `user`: its id and its encrypted data.
///
/// # Errors
/// When rows cannot be read.
pub fn dehydrated_device(
    rows: &dyn Rows,
    user: &UserId,
) -> Result<Option<(OwnedDeviceId, Raw<DehydratedDeviceData>)>, ViewFault> {
    DEHYDRATED.get(rows, user.as_str())
}

pub(super) fn put(batch: &mut Batch<'_>, fact: &DehydratedDeviceSet) -> Result<(), ViewFault> {
    DEHYDRATED.put(batch, fact.user_id.as_str(), &(fact.device_id.clone(), fact.data.clone()))
}
