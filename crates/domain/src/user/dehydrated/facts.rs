//! What was decided about dehydrated devices.

use ruma::{OwnedDeviceId, OwnedUserId, api::client::dehydrated_device::DehydratedDeviceData, serde::Raw};
use serde::{Deserialize, Serialize};

/// A person stored a dehydrated device; it has no session.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DehydratedDeviceSet {
    /// The device, encrypted by its owner.
    pub data: Raw<DehydratedDeviceData>,
    /// Its id.
    pub device_id: OwnedDeviceId,
    /// Whose device.
    pub user_id: OwnedUserId,
}

/// A dehydrated device is gone, with its keys and what waited for it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DehydratedDeviceRemoved {
    /// Its id.
    pub device_id: OwnedDeviceId,
    /// Whose device.
    pub user_id: OwnedUserId,
}
