//! How facts change the view's rows.

use domain::{AccountFact, Area, EndingFact, Fact, KeysFact};
use projection::{Batch, Fold, Place, ViewFault};
use ruma::{DeviceId, UserId};

use super::{
    changes, cross_signing, dehydrated, devices, erase, prekeys,
    tables::{DEHYDRATED, VIEW},
};
use crate::{Audience, Touched};

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
        3
    }

    fn fold(&self, batch: &mut Batch<'_>, touched: &mut Touched, fact: &Fact, place: &Place) -> Result<(), ViewFault> {
        let position = place.position.0;
        match fact.area() {
            Area::Keys(fact) => write(batch, touched, fact, position),
            Area::Ending(fact) => match fact {
                EndingFact::SessionClosed(fact) => remove_device(batch, touched, &fact.user_id, &fact.device_id, position),
                EndingFact::DehydratedDeviceRemoved(fact) => {
                    DEHYDRATED.delete(batch, fact.user_id.as_str())?;
                    remove_device(batch, touched, &fact.user_id, &fact.device_id, position)
                }
                EndingFact::AccountErased(fact) => erase::person(batch, touched, &fact.user_id, position),
                EndingFact::AccountDeactivated(_)
                | EndingFact::EmailsErased(_)
                | EndingFact::InboxErased(_)
                | EndingFact::BackupErased(_) => Ok(()),
            },
            Area::Account(fact) => match fact {
                // A device is shown with its name, and without keys too, as on every server.
                AccountFact::SessionOpened(fact) => changes::record(batch, touched, &fact.user_id, position),
                AccountFact::DeviceRenamed(fact) => changes::record(batch, touched, &fact.user_id, position),
                AccountFact::EmailAdded(_)
                | AccountFact::EmailVerified(_)
                | AccountFact::EmailRemoved(_)
                | AccountFact::RegistrationTokenUsed(_)
                | AccountFact::InviteMade(_)
                | AccountFact::InviteRevoked(_)
                | AccountFact::AdminMade(_)
                | AccountFact::AdminUnmade(_)
                | AccountFact::AccountCreated(_)
                | AccountFact::PasswordSet(_)
                | AccountFact::ResetLinkMade(_)
                | AccountFact::AccountLocked(_)
                | AccountFact::AccountUnlocked(_)
                | AccountFact::ProfileFieldSet(_)
                | AccountFact::CredentialsSet(_)
                | AccountFact::CredentialsUsed(_) => Ok(()),
            },
            Area::Room(_)
            | Area::Directory(_)
            | Area::Data(_)
            | Area::Media(_)
            | Area::Inbox(_)
            | Area::Backup(_)
            | Area::Outbox(_) => Ok(()),
        }
    }
}

fn write(batch: &mut Batch<'_>, touched: &mut Touched, fact: KeysFact<'_>, position: u64) -> Result<(), ViewFault> {
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
) -> Result<(), ViewFault> {
    devices::remove(batch, user, device)?;
    changes::record(batch, touched, user, position)
}
