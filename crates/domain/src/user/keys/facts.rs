//! What was decided about keys of devices.

use std::collections::BTreeMap;

use ruma::{CanonicalJsonObject, CanonicalJsonValue, OwnedDeviceId, OwnedUserId};
use serde::{Deserialize, Serialize};

/// A device published its identity keys, or published them anew.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DeviceKeysUploaded {
    /// Which device.
    pub device_id: OwnedDeviceId,
    /// The signed object (spec: `DeviceKeys`).
    pub keys: CanonicalJsonObject,
    /// Whose device.
    pub user_id: OwnedUserId,
}

/// A device added one-time keys. All of them are new to the server.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OneTimeKeysUploaded {
    /// Which device.
    pub device_id: OwnedDeviceId,
    /// Keys by id, such as `signed_curve25519:AAAAHQ`.
    pub keys: BTreeMap<String, CanonicalJsonValue>,
    /// Whose device.
    pub user_id: OwnedUserId,
}

/// A device set its fallback keys. Each replaces the one of the same algorithm and counts as unused.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FallbackKeysUploaded {
    /// Which device.
    pub device_id: OwnedDeviceId,
    /// Keys by id, such as `signed_curve25519:AAAAHQ`.
    pub keys: BTreeMap<String, CanonicalJsonValue>,
    /// Whose device.
    pub user_id: OwnedUserId,
}

/// One-time keys were given out, never to be given out again.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OneTimeKeysClaimed {
    /// The id of the key that each device lost.
    pub keys: BTreeMap<OwnedDeviceId, String>,
    /// Whose keys.
    pub user_id: OwnedUserId,
}

/// Fallback keys were given out for the first time since they were set.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FallbackKeysUsed {
    /// The id of the key of each device.
    pub keys: BTreeMap<OwnedDeviceId, String>,
    /// Whose keys.
    pub user_id: OwnedUserId,
}

/// The log was restored from a copy that may be older than the last claims: no one-time key in it can be trusted to be
/// unused, so all are dropped and clients upload new ones.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EpochStarted {
    /// Whose one-time keys are dropped.
    pub user_id: OwnedUserId,
}
