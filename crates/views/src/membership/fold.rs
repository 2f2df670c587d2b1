//! How facts change the view's rows.

use std::ops::ControlFlow;

use domain::{
    Area, EndingFact, Fact, RoomFact,
    room::{MemberContent, Pdu},
};
use projection::{Batch, Fold, KeyRange, Order, Place, ViewFault};
use ruma::{
    OwnedUserId, UserId,
    events::{TimelineEventType, room::member::MembershipState},
};

use super::tables::{BY_MEMBERSHIP, CHANGES, Change, ERASED, FORGOTTEN, HISTORY, MEMBERS, Member, ROOMS, RoomOfUser, VIEW};
use crate::{Audience, Touched};

/// Folds member events.
#[derive(Debug, Default)]
pub struct MembershipView;

impl Fold<Fact, Audience> for MembershipView {
    fn name(&self) -> &'static str {
        "membership"
    }

    fn view(&self) -> u8 {
        VIEW
    }

    fn version(&self) -> u32 {
        6
    }

    fn fold(&self, batch: &mut Batch<'_>, touched: &mut Touched, fact: &Fact, place: &Place) -> Result<(), ViewFault> {
        match fact.area() {
            Area::Room(fact) => match fact {
                RoomFact::PduAdded(added) => {
                    let Some(user) = member_of(&added.pdu) else { return Ok(()) };
                    // Whoever is in the room is told of every PDU; who is invited is not in it yet, who is banned no more.
                    touched.touch(|| Audience::Person(user.clone()));
                    write_member(batch, place.position.0, &added.pdu, &user)
                }
                RoomFact::PduPruned(pruned) => {
                    let Some(user) = member_of(&pruned.pdu) else { return Ok(()) };
                    write_member(batch, pruned.target_position, &pruned.pdu, &user)
                }
                RoomFact::PduErased(erased) => {
                    // With their memberships went what the end of the account would have found them by.
                    ERASED.put(batch, &(erased.pdu.room_id.as_str(), erased.user_id.as_str()), &())?;
                    let Some(user) = member_of(&erased.pdu) else { return Ok(()) };
                    write_member(batch, erased.target_position, &erased.pdu, &user)
                }
                RoomFact::RoomForgotten(forgotten) => {
                    touched.touch(|| Audience::Person(forgotten.user_id.clone()));
                    let key = (forgotten.user_id.as_str(), forgotten.room_id.as_str());
                    FORGOTTEN.put(batch, &key, &place.position.0)
                }
                RoomFact::PduExpirySet(_)
                | RoomFact::PduExpired(_)
                | RoomFact::RoomUpgraded(_)
                | RoomFact::ReceiptSet(_) => Ok(()),
            },
            Area::Ending(fact) => match fact {
                EndingFact::AccountDeactivated(fact) if fact.erase => erase(batch, &fact.user_id),
                EndingFact::AccountErased(fact) => {
                    FORGOTTEN.delete_all(batch, KeyRange::prefix(&(fact.user_id.as_str(),))).map(|_| ())
                }
                EndingFact::AccountDeactivated(_)
                | EndingFact::SessionClosed(_)
                | EndingFact::DehydratedDeviceRemoved(_)
                | EndingFact::EmailsErased(_)
                | EndingFact::InboxErased(_)
                | EndingFact::BackupErased(_) => Ok(()),
            },
            Area::Directory(_)
            | Area::Account(_)
            | Area::Data(_)
            | Area::Media(_)
            | Area::Keys(_)
            | Area::Inbox(_)
            | Area::Backup(_)
            | Area::Outbox(_) => Ok(()),
        }
    }
}

/// Whom a member event is about; none for other PDUs. The rules let no member event pass whose key is no user id.
fn member_of(pdu: &Pdu) -> Option<OwnedUserId> {
    if pdu.event_type != TimelineEventType::RoomMember {
        return None;
    }
    OwnedUserId::try_from(pdu.state_key.as_deref()?).ok()
}

/// Notes in every room that somebody had to do with that they were erased (spec: "Account deactivation", `erase`).
fn erase(batch: &mut Batch<'_>, user: &UserId) -> Result<(), ViewFault> {
    let mut rooms = Vec::new();
    ROOMS.scan(batch, KeyRange::prefix(&(user.as_str(),)), Order::Ascending, |(_, room), _| {
        rooms.push(room);
        ControlFlow::Continue(())
    })?;
    rooms.iter().try_for_each(|room| ERASED.put(batch, &(room.as_str(), user.as_str()), &()))
}

/// Finds out anew since when a user has been joined, after a member event came late: a stay may begin with it or end with it.
fn settle_stay(batch: &mut Batch<'_>, room: &str, user: &str) -> Result<(), ViewFault> {
    let Some(mut of_user) = ROOMS.get(batch, &(user, room))? else { return Ok(()) };
    let mut joined_at = None;
    HISTORY.scan(batch, KeyRange::prefix(&(room, user)), Order::Descending, |(.., position), membership| {
        if membership != MembershipState::Join {
            return ControlFlow::Break(());
        }
        joined_at = Some(position);
        ControlFlow::Continue(())
    })?;
    of_user.joined_at = joined_at;
    ROOMS.put(batch, &(user, room), &of_user)
}

fn write_member(batch: &mut Batch<'_>, position: u64, pdu: &Pdu, user: &UserId) -> Result<(), ViewFault> {
    let (room, user) = (pdu.room_id.as_str(), user.as_str());
    let MemberContent { membership, display_name, avatar_url } = MemberContent::of(&pdu.content);
    let change = Change { room_id: pdu.room_id.clone(), membership: membership.clone(), sender: pdu.sender.clone() };
    CHANGES.put(batch, &(user, position), &change)?;
    HISTORY.put(batch, &(room, user, position), &membership)?;
    let before = MEMBERS.get(batch, &(room, user))?;
    if before.as_ref().is_some_and(|before| before.position > position) {
        return settle_stay(batch, room, user);
    }
    if let Some(before) = before {
        BY_MEMBERSHIP.delete(batch, &(room, before.membership.as_str(), user))?;
    }
    BY_MEMBERSHIP.put(batch, &(room, membership.as_str(), user), &())?;
    let joined_before = ROOMS.get(batch, &(user, room))?.and_then(|before| before.joined_at);
    let joined_at = (membership == MembershipState::Join).then(|| joined_before.unwrap_or(position));
    ROOMS.put(batch, &(user, room), &RoomOfUser { membership: membership.clone(), position, joined_at })?;
    let member = Member {
        membership,
        position,
        event_id: pdu.event_id.clone(),
        sender: pdu.sender.clone(),
        display_name,
        avatar_url,
    };
    MEMBERS.put(batch, &(room, user), &member)
}
