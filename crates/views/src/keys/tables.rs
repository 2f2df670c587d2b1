//! The view's tables.

use projection::Table;
use ruma::{CanonicalJsonObject, OwnedDeviceId, api::client::dehydrated_device::DehydratedDeviceData, serde::Raw};

use super::prekeys_row::Prekeys;

pub(super) const VIEW: u8 = 6;
/// User, device: the identity keys as uploaded.
pub(super) const DEVICE_KEYS: Table<(String, String), CanonicalJsonObject> = Table::new(VIEW, 1);
/// User, device: ids of one-time keys, and fallback keys.
pub(super) const PREKEYS: Table<(String, String), Prekeys> = Table::new(VIEW, 2).held();
/// User, usage (`master`, `self_signing`, `user_signing`): the key as uploaded.
pub(super) const CROSS_SIGNING: Table<(String, String), CanonicalJsonObject> = Table::new(VIEW, 3);
/// Owner, device id or public master key, signer, key id: a signature that was added later.
pub(super) const SIGNATURES: Table<(String, String, String, String), String> = Table::new(VIEW, 4);
/// User: the position of the last change that everybody who sees the user is told of.
pub(super) const CHANGED: Table<String, u64> = Table::new(VIEW, 5);
/// Position: the user whose last change it was.
pub(super) const CHANGED_AT: Table<u64, String> = Table::by_position(VIEW, 6);
/// Signer, user: the position of the signer's last signature on the user's master key, which only the signer sees.
pub(super) const SIGNED: Table<(String, String), u64> = Table::new(VIEW, 7);
/// Signer, position: the user whose last signature by the signer it was.
pub(super) const SIGNED_AT: Table<(String, u64), String> = Table::by_position(VIEW, 8);

/// User: the id and the encrypted data of the dehydrated device.
pub(super) const DEHYDRATED: Table<String, (OwnedDeviceId, Raw<DehydratedDeviceData>)> = Table::new(VIEW, 9);
