//! The `keys` view: device keys, what is left of one-time keys, cross-signing keys with their signatures, and whose
//! device list changed when.
//!
//! It keeps the ids of one-time keys, never the keys: only a claim, which is decided on the owner's lane, may read those.

mod changes;
mod cross_signing;
mod dehydrated;
mod devices;
mod erase;
mod fold;
mod prekeys;
mod prekeys_row;
mod tables;
#[cfg(test)]
mod tests;

pub use changes::device_list_changes_since;
pub use cross_signing::{
    CrossSigningKeys, cross_signing_keys, master_key, self_signing_key, signed_master_key, user_signing_key,
};
pub use dehydrated::dehydrated_device;
pub use devices::{device_keys, device_keys_after, devices_with_keys, has_device_keys};
pub use fold::KeysView;
pub use prekeys::{PrekeysLeft, prekeys_left};
