//! End-to-end encryption keys of a person's devices: identity keys, one-time keys, fallback keys.
//!
//! The server hands keys out and never learns a secret one. What it owes its users is that a one-time key is given out
//! once, ever, and that every key it hands out was signed by the device it is said to belong to.

mod claim;
mod facts;
#[cfg(test)]
pub(crate) mod fixture;
mod public_key;
mod signed_json;
mod state;
#[cfg(test)]
mod tests;
mod upload;

pub use claim::{ClaimKeys, ClaimedKeys};
pub use facts::{
    DeviceKeysUploaded, EpochStarted, FallbackKeysUploaded, FallbackKeysUsed, OneTimeKeysClaimed, OneTimeKeysUploaded,
};
pub(crate) use public_key::Ed25519PublicKey;
use public_key::is_curve25519;
pub use signed_json::object_of;
pub(crate) use signed_json::{ed25519_key, invalid_signature, is_signed_by, json_bytes};
pub use state::KeyState;
pub use upload::{KeyCounts, SIGNED_CURVE25519, UploadKeys};

/// One-time keys that a device may have waiting. Clients keep 50 to 100.
pub const ONE_TIME_KEYS_MAX: usize = 500;
/// Bytes of the keys of all devices of one person, as JSON: about 900 devices with 50 one-time keys each.
pub const KEYS_TOTAL_BYTES_MAX: usize = 16 << 20;
/// Keys of any kind in one upload.
pub const KEYS_PER_UPLOAD_MAX: usize = 500;
/// Fallback keys of a device, one an algorithm.
pub const FALLBACK_KEYS_MAX: usize = 8;
/// Bytes of one key with its signatures, as canonical JSON.
pub const KEY_BYTES_MAX: usize = 16 << 10;
/// Bytes of all one-time keys in one upload with their ids, as canonical JSON; a record's payload has at most 1 MiB.
pub const UPLOAD_BYTES_MAX: usize = 512 << 10;
/// Bytes of a key id such as `signed_curve25519:AAAAHQ`.
pub const KEY_ID_BYTES_MAX: usize = 255;
/// Devices of one person for which keys are claimed in one request.
pub const CLAIMED_DEVICES_MAX: usize = 500;

/// The part of a key id before the colon.
#[must_use]
pub fn algorithm_of(key_id: &str) -> &str {
    key_id.split_once(':').map_or(key_id, |(algorithm, _)| algorithm)
}
