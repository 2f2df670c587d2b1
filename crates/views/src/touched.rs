//! Who is to be woken by a fact: exactly those whose next sync it changes.

use domain::{Fact, room::Pdu, user::receipts::ReceiptKind};
use projection::{Fault, Placed, Rows};
use ruma::{OwnedUserId, UserId, events::TimelineEventType};

use crate::membership::{joined_members, users_sharing_rooms};

/// The people whose next sync `placed` changes, as of `rows`, which have folded it.
///
/// # Errors
/// When rows cannot be read.
pub fn touched(rows: &dyn Rows, placed: &Placed<Fact>) -> Result<Vec<OwnedUserId>, Fault> {
    let Some(fact) = &placed.fact else { return Ok(Vec::new()) };
    match fact {
        Fact::PduAdded(added) => touched_by_pdu(rows, &added.pdu),
        Fact::RoomForgotten(forgotten) => Ok(vec![forgotten.user_id.clone()]),
        Fact::DeviceKeysUploaded(fact) => observers(rows, &fact.user_id),
        Fact::CrossSigningKeysUploaded(fact) => observers(rows, &fact.user_id),
        Fact::SignaturesAdded(fact) if fact.user_id == fact.target_user_id => observers(rows, &fact.user_id),
        // Nobody else sees a signature on somebody else's key.
        Fact::SignaturesAdded(fact) => Ok(vec![fact.user_id.clone()]),
        Fact::SessionClosed(fact) => observers(rows, &fact.user_id),
        Fact::DehydratedDeviceRemoved(fact) => observers(rows, &fact.user_id),
        Fact::OneTimeKeysUploaded(fact) => Ok(vec![fact.user_id.clone()]),
        Fact::FallbackKeysUploaded(fact) => Ok(vec![fact.user_id.clone()]),
        Fact::OneTimeKeysClaimed(fact) => Ok(vec![fact.user_id.clone()]),
        Fact::FallbackKeysUsed(fact) => Ok(vec![fact.user_id.clone()]),
        Fact::KeyEpochStarted(fact) => Ok(vec![fact.user_id.clone()]),
        Fact::InboxMessage(fact) => Ok(vec![fact.user_id.clone()]),
        Fact::AccountDataSet(fact) => Ok(vec![fact.user_id.clone()]),
        Fact::ReceiptSet(fact) => match fact.kind {
            ReceiptKind::Public => joined_members(rows, &fact.room_id),
            ReceiptKind::Private => Ok(vec![fact.user_id.clone()]),
        },
        // A redaction touches by its own PDU; an expiry is seen by nobody, because clients know of it already.
        Fact::PduPruned(_) | Fact::PduExpirySet(_) | Fact::PduExpired(_) => Ok(Vec::new()),
        // Asked for when it is needed, and told by no sync.
        Fact::RoomListed(_)
        | Fact::AliasAdded(_)
        | Fact::AliasRemoved(_)
        | Fact::AccountRegistered(_)
        | Fact::EmailAdded(_)
        | Fact::EmailRemoved(_)
        | Fact::AccountCreated(_)
        | Fact::PasswordSet(_)
        | Fact::AccountDeactivated(_)
        | Fact::SessionOpened(_)
        | Fact::CredentialsSet(_)
        | Fact::DeviceRenamed(_)
        | Fact::ProfileFieldSet(_)
        | Fact::FilterCreated(_)
        | Fact::PusherSet(_)
        | Fact::PusherRemoved(_)
        | Fact::MediaAnnounced(_)
        | Fact::MediaUploaded(_)
        | Fact::BackupCreated(_)
        | Fact::BackupUpdated(_)
        | Fact::BackupDeleted(_)
        | Fact::BackupKeysStored(_)
        | Fact::BackupKeysDeleted(_)
        // Their effects are told when they are carried out.
        | Fact::RoomUpgraded(_)
        | Fact::EffectFinished(_) => Ok(Vec::new()),
        // What is gone, was told, or is on its way to somebody else.
        Fact::DehydratedDeviceSet(_) | Fact::InboxAcknowledged(_) | Fact::ToDeviceSent(_) => Ok(Vec::new()),
    }
}

/// Everybody in the room, and whom a member event is about: someone invited is not in it yet, someone banned no more.
fn touched_by_pdu(rows: &dyn Rows, pdu: &Pdu) -> Result<Vec<OwnedUserId>, Fault> {
    let mut touched = joined_members(rows, &pdu.room_id)?;
    if pdu.event_type == TimelineEventType::RoomMember
        && let Some(Ok(user)) = pdu.state_key.as_deref().map(OwnedUserId::try_from)
        && !touched.contains(&user)
    {
        touched.push(user);
    }
    Ok(touched)
}

/// Who is told that the devices of `user` changed: everybody in a room with them, and they themselves.
fn observers(rows: &dyn Rows, user: &UserId) -> Result<Vec<OwnedUserId>, Fault> {
    let mut observers = users_sharing_rooms(rows, user)?;
    observers.insert(user.to_owned());
    Ok(observers.into_iter().collect())
}
