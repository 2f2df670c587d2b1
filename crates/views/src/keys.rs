//! The `keys` view: device keys, what is left of one-time keys, cross-signing keys with their signatures, and whose
//! device list changed when.
//!
//! It keeps the ids of one-time keys, never the keys: only a claim, which is decided on the owner's lane, may read those.

mod changes;
mod cross_signing;
mod dehydrated;
mod devices;
mod prekeys;
#[cfg(test)]
mod tests;

use domain::{Area, EndingFact, Fact, KeysFact};
use projection::{Batch, Fault, Fold, Place, Table};
use ruma::{
    CanonicalJsonObject, DeviceId, OwnedDeviceId, UserId, api::client::dehydrated_device::DehydratedDeviceData, serde::Raw,
};

pub use changes::device_list_changes_since;
pub use cross_signing::{CrossSigningKeys, cross_signing_keys, master_key, user_signing_key};
pub use dehydrated::dehydrated_device;
pub use devices::{device_keys, device_keys_of, devices_with_keys, has_device_keys};
pub use prekeys::{PrekeysLeft, prekeys_left};

use crate::{Audience, Touched};
use prekeys::Prekeys;

const VIEW: u8 = 6;
/// User, device: the identity keys as uploaded.
const DEVICE_KEYS: Table<(String, String), CanonicalJsonObject> = Table::new(VIEW, 1);
/// User, device: ids of one-time keys, and fallback keys.
const PREKEYS: Table<(String, String), Prekeys> = Table::new(VIEW, 2);
/// User, usage (`master`, `self_signing`, `user_signing`): the key as uploaded.
const CROSS_SIGNING: Table<(String, String), CanonicalJsonObject> = Table::new(VIEW, 3);
/// Owner, device id or public master key, signer, key id: a signature that was added later.
const SIGNATURES: Table<(String, String, String, String), String> = Table::new(VIEW, 4);
/// User: the position of the last change that everybody who sees the user is told of.
const CHANGED: Table<String, u64> = Table::new(VIEW, 5);
/// Position: the user whose last change it was.
const CHANGED_AT: Table<u64, String> = Table::by_position(VIEW, 6);
/// Signer, user: the position of the signer's last signature on the user's master key, which only the signer sees.
const SIGNED: Table<(String, String), u64> = Table::new(VIEW, 7);
/// Signer, position: the user whose last signature by the signer it was.
const SIGNED_AT: Table<(String, u64), String> = Table::by_position(VIEW, 8);

/// User: the id and the encrypted data of the dehydrated device.
const DEHYDRATED: Table<String, (OwnedDeviceId, Raw<DehydratedDeviceData>)> = Table::new(VIEW, 9);

/// Folds key facts.
pub struct KeysView;

impl Fold<Fact, Audience> for KeysView {
    fn name(&self) -> &'static str {
        "keys"
    }

    fn view(&self) -> u8 {
        VIEW
    }

    fn version(&self) -> u32 {
        2
    }

    fn fold(&self, batch: &mut Batch<'_>, touched: &mut Touched, fact: &Fact, place: &Place) -> Result<(), Fault> {
        let position = place.position.0;
        match fact.area() {
            Area::Keys(fact) => write(batch, touched, fact, position),
            Area::Ending(fact) => match fact {
                EndingFact::SessionClosed(fact) => remove_device(batch, touched, &fact.user_id, &fact.device_id, position),
                EndingFact::DehydratedDeviceRemoved(fact) => {
                    DEHYDRATED.delete(batch, fact.user_id.as_str())?;
                    remove_device(batch, touched, &fact.user_id, &fact.device_id, position)
                }
                EndingFact::AccountDeactivated(_) => Ok(()),
            },
            Area::Room(_)
            | Area::Directory(_)
            | Area::Account(_)
            | Area::Data(_)
            | Area::Media(_)
            | Area::Inbox(_)
            | Area::Backup(_)
            | Area::Outbox(_) => Ok(()),
        }
    }
}

fn write(batch: &mut Batch<'_>, touched: &mut Touched, fact: KeysFact<'_>, position: u64) -> Result<(), Fault> {
    match fact {
        KeysFact::DeviceKeysUploaded(fact) => {
            devices::put(batch, fact)?;
            changes::record(batch, touched, &fact.user_id, position)
        }
        KeysFact::OneTimeKeysUploaded(fact) => {
            touch_owner(touched, &fact.user_id);
            prekeys::add(batch, fact)
        }
        KeysFact::FallbackKeysUploaded(fact) => {
            touch_owner(touched, &fact.user_id);
            prekeys::set_fallback(batch, fact)
        }
        KeysFact::OneTimeKeysClaimed(fact) => {
            touch_owner(touched, &fact.user_id);
            prekeys::claim(batch, fact)
        }
        KeysFact::FallbackKeysUsed(fact) => {
            touch_owner(touched, &fact.user_id);
            prekeys::use_fallback(batch, fact)
        }
        KeysFact::KeyEpochStarted(fact) => {
            touch_owner(touched, &fact.user_id);
            prekeys::drop_one_time_keys(batch, &fact.user_id)
        }
        KeysFact::CrossSigningKeysUploaded(fact) => {
            cross_signing::put(batch, fact)?;
            changes::record(batch, touched, &fact.user_id, position)
        }
        KeysFact::SignaturesAdded(fact) => {
            cross_signing::add_signatures(batch, fact)?;
            if fact.user_id == fact.target_user_id {
                changes::record(batch, touched, &fact.user_id, position)
            } else {
                changes::record_signed(batch, touched, &fact.user_id, &fact.target_user_id, position)
            }
        }
        // It is asked for when it is needed.
        KeysFact::DehydratedDeviceSet(fact) => dehydrated::put(batch, fact),
    }
}

/// Every sync tells how many keys the device has left.
fn touch_owner(touched: &mut Touched, user: &UserId) {
    touched.touch(|| Audience::Person(user.to_owned()));
}

fn remove_device(
    batch: &mut Batch<'_>,
    touched: &mut Touched,
    user: &UserId,
    device: &DeviceId,
    position: u64,
) -> Result<(), Fault> {
    // Also when it had published nothing: a device that goes is rare, and waking for nothing harmless.
    touched.touch(|| Audience::Observers(user.to_owned()));
    let had_keys = devices::remove(batch, user, device)?;
    if had_keys { changes::record(batch, touched, user, position) } else { Ok(()) }
}
