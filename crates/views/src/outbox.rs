//! View `outbox`: what facts have left to do in other streams than their own. A row is there from the fact that asks for it
//! until the fact that says it is done, so that whoever carries it out can be stopped at any moment and go on later.

mod effect;
mod replacing;
#[cfg(test)]
mod tests;

use domain::{
    AccountFact, Area, DirectoryFact, EndingFact, Fact, OutboxFact, RoomFact,
    directory::AliasRemoved,
    room::{PduPruned, RoomUpgraded},
    user::{
        ProfileFieldSet,
        profile::{AVATAR_URL, DISPLAY_NAME},
    },
};
use projection::{Batch, Fold, KeyRange, Order, Place, Rows, Table, ViewFault};
use ruma::UserId;

use crate::{Audience, Touched};

pub use effect::Effect;
use effect::{PENDING, VIEW};

/// User → position of the newest fact that gave them another name: the ones before have nothing left to do.
const RENAMES: Table<String, u64> = Table::new(VIEW, 2);

/// The view's fold.
#[derive(Debug, Default)]
pub struct OutboxView;

impl Fold<Fact, Audience> for OutboxView {
    fn name(&self) -> &'static str {
        "outbox"
    }

    fn view(&self) -> u8 {
        VIEW
    }

    fn version(&self) -> u32 {
        3
    }

    fn fold(&self, batch: &mut Batch<'_>, _: &mut Touched, fact: &Fact, place: &Place) -> Result<(), ViewFault> {
        let position = place.position.0;
        match fact.area() {
            Area::Account(fact) => match fact {
                AccountFact::ProfileFieldSet(set) => profile_set(batch, set, position),
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
                | AccountFact::SessionOpened(_)
                | AccountFact::CredentialsSet(_)
                | AccountFact::CredentialsUsed(_)
                | AccountFact::DeviceRenamed(_) => Ok(()),
            },
            Area::Ending(fact) => match fact {
                EndingFact::AccountDeactivated(closed) => {
                    end_rename(batch, &closed.user_id)?;
                    let effect = Effect::Deactivate { erase: closed.erase, user_id: closed.user_id.clone() };
                    PENDING.put(batch, &position, &effect)
                }
                EndingFact::SessionClosed(_)
                | EndingFact::DehydratedDeviceRemoved(_)
                | EndingFact::AccountErased(_)
                | EndingFact::EmailsErased(_)
                | EndingFact::InboxErased(_)
                | EndingFact::BackupErased(_) => Ok(()),
            },
            Area::Room(fact) => match fact {
                RoomFact::RoomUpgraded(RoomUpgraded { replacement_id, room_id }) => {
                    let effect = Effect::MoveAliases { from: room_id.clone(), to: replacement_id.clone() };
                    PENDING.put(batch, &position, &effect)
                }
                RoomFact::PduAdded(added) => replacing::added(batch, &added.pdu, position),
                RoomFact::PduPruned(pruned) => pdu_pruned(batch, pruned, position),
                // As there.
                RoomFact::PduErased(erased) => PENDING.delete(batch, &erased.target_position),
                RoomFact::PduExpirySet(_)
                | RoomFact::PduExpired(_)
                | RoomFact::RoomForgotten(_)
                | RoomFact::ReceiptSet(_) => Ok(()),
            },
            Area::Outbox(fact) => match fact {
                OutboxFact::EffectFinished(finished) => {
                    if let Some(Effect::Rename { user_id }) = PENDING.get(batch, &finished.position)? {
                        end_rename(batch, &user_id)?;
                    }
                    PENDING.delete(batch, &finished.position)
                }
            },
            Area::Directory(fact) => match fact {
                DirectoryFact::AliasRemoved(AliasRemoved { alias, remover: Some(remover), room_id: Some(room_id) }) => {
                    let (alias, room_id, user_id) = (alias.clone(), room_id.clone(), remover.clone());
                    PENDING.put(batch, &position, &Effect::Unname { alias, room_id, user_id })
                }
                DirectoryFact::AliasRemoved(_)
                | DirectoryFact::AliasAdded(_)
                | DirectoryFact::RoomListed(_)
                | DirectoryFact::AccountRegistered(_) => Ok(()),
            },
            Area::Data(_) | Area::Media(_) | Area::Keys(_) | Area::Inbox(_) | Area::Backup(_) => Ok(()),
        }
    }
}

fn pdu_pruned(batch: &mut Batch<'_>, pruned: &PduPruned, position: u64) -> Result<(), ViewFault> {
    // With its payload went what it had left to do: a replay never takes it in.
    PENDING.delete(batch, &pruned.target_position)?;
    if pruned.media.is_empty() {
        return Ok(());
    }
    let (media_ids, user_id) = (pruned.media.clone(), pruned.pdu.sender.clone());
    PENDING.put(batch, &position, &Effect::ForgetMedia { media_ids, user_id })
}

fn profile_set(batch: &mut Batch<'_>, set: &ProfileFieldSet, position: u64) -> Result<(), ViewFault> {
    // Rooms show nothing else of a profile.
    if ![DISPLAY_NAME, AVATAR_URL].contains(&set.field.as_str()) {
        return Ok(());
    }
    end_rename(batch, &set.user_id)?;
    RENAMES.put(batch, set.user_id.as_str(), &position)?;
    PENDING.put(batch, &position, &Effect::Rename { user_id: set.user_id.clone() })
}

fn end_rename(batch: &mut Batch<'_>, user_id: &UserId) -> Result<(), ViewFault> {
    if let Some(position) = RENAMES.get(batch, user_id.as_str())? {
        PENDING.delete(batch, &position)?;
        RENAMES.delete(batch, user_id.as_str())?;
    }
    Ok(())
}

/// Whether something may be left to do because of `fact`.
#[must_use]
pub fn has_effect(fact: &Fact) -> bool {
    match fact {
        Fact::ProfileFieldSet(_) | Fact::AccountDeactivated(_) | Fact::RoomUpgraded(_) => true,
        Fact::PduPruned(pruned) => !pruned.media.is_empty(),
        Fact::AliasRemoved(removed) => removed.room_id.is_some(),
        Fact::PduAdded(added) => replacing::joined(&added.pdu).is_some(),
        _ => false,
    }
}

/// What facts after a position have left to do, oldest first, at most `limit`: the position of the fact, and what.
///
/// # Errors
/// Storage failed.
pub fn pending(rows: &dyn Rows, after: u64, limit: usize) -> Result<Vec<(u64, Effect)>, ViewFault> {
    PENDING.collect(rows, KeyRange::from(&after.saturating_add(1)), Order::Ascending, limit)
}
