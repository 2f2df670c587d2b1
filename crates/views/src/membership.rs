//! Who is, was or is invited to be in which room, by room and by user, now and at any position.
//!
//! As in the rooms view, the largest position counts and not the last write: redacted member events come late.

mod counts;
mod shared;
mod sight;
#[cfg(test)]
mod tests;

use std::ops::ControlFlow;

use domain::{
    Area, Fact, RoomFact,
    room::{MemberContent, Pdu},
};
use projection::{Batch, Fault, Fold, KeyRange, Order, Place, Rows, Table};
use ruma::{
    OwnedEventId, OwnedRoomId, OwnedUserId, RoomId, UserId,
    events::{TimelineEventType, room::member::MembershipState},
};
use serde::{Deserialize, Serialize};

use crate::{Audience, Touched};

pub use counts::{HEROES_MAX, Summary, summary};
pub use shared::{SharedChanges, shared_changes, shares_a_room, users_sharing_rooms};
pub use sight::{Sight, may_see};

const VIEW: u8 = 2;

/// (room, user) to the newest membership.
const MEMBERS: Table<(String, String), Member> = Table::new(VIEW, 1);
/// (user, room) to the newest membership.
const ROOMS: Table<(String, String), RoomOfUser> = Table::new(VIEW, 2);
/// (user, position) to what changed there for the user.
const CHANGES: Table<(String, u64), Change> = Table::by_position(VIEW, 3);
/// (room, user, position) to the membership from there on.
const HISTORY: Table<(String, String, u64), MembershipState> = Table::new(VIEW, 4);
/// (room, membership, user): an index to count and list without reading rows.
const BY_MEMBERSHIP: Table<(String, String, String), ()> = Table::new(VIEW, 5);
/// (user, room) to where the user forgot the room.
const FORGOTTEN: Table<(String, String), u64> = Table::new(VIEW, 6);

/// A user's newest membership in a room.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Member {
    /// What the user is in the room.
    pub membership: MembershipState,
    /// Where the member event is.
    pub position: u64,
    /// The member event.
    pub event_id: OwnedEventId,
    /// Who sent the member event: for an invite, who invites.
    pub sender: OwnedUserId,
    /// The name in this room.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// The avatar in this room, an `mxc:` address unless the client that set it erred.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub avatar_url: Option<String>,
}

/// A room that a user has a membership in.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RoomOfUser {
    /// What the user is in the room.
    pub membership: MembershipState,
    /// Where it last changed; also a new display name is a change.
    pub position: u64,
    /// From where on the user has been joined without a break; none for other memberships.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub joined_at: Option<u64>,
}

/// A change of a user's membership.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Change {
    /// In this room.
    pub room_id: OwnedRoomId,
    /// The membership from here on.
    pub membership: MembershipState,
    /// Who changed it.
    pub sender: OwnedUserId,
}

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
        4
    }

    fn fold(&self, batch: &mut Batch<'_>, touched: &mut Touched, fact: &Fact, place: &Place) -> Result<(), Fault> {
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
            Area::Directory(_)
            | Area::Account(_)
            | Area::Ending(_)
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

fn write_member(batch: &mut Batch<'_>, position: u64, pdu: &Pdu, user: &UserId) -> Result<(), Fault> {
    let (room, user) = (pdu.room_id.as_str(), user.as_str());
    let MemberContent { membership, display_name, avatar_url } = MemberContent::of(&pdu.content);
    let change = Change { room_id: pdu.room_id.clone(), membership: membership.clone(), sender: pdu.sender.clone() };
    CHANGES.put(batch, &(user, position), &change)?;
    HISTORY.put(batch, &(room, user, position), &membership)?;
    let before = MEMBERS.get(batch, &(room, user))?;
    if before.as_ref().is_some_and(|before| before.position > position) {
        return Ok(());
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

/// A user's newest membership in a room; none when there never was one.
///
/// # Errors
/// A [`Fault`] when rows cannot be read.
pub fn member(rows: &dyn Rows, room: &RoomId, user: &UserId) -> Result<Option<Member>, Fault> {
    MEMBERS.get(rows, &(room.as_str(), user.as_str()))
}

/// What a user is in a room now; `leave` when there never was a membership.
///
/// # Errors
/// A [`Fault`] when rows cannot be read.
pub fn membership_of(rows: &dyn Rows, room: &RoomId, user: &UserId) -> Result<MembershipState, Fault> {
    Ok(ROOMS.get(rows, &(user.as_str(), room.as_str()))?.map_or(MembershipState::Leave, |found| found.membership))
}

/// From where on a user has been joined to a room without a break; none when the user is not joined.
///
/// # Errors
/// A [`Fault`] when rows cannot be read.
pub fn joined_at(rows: &dyn Rows, room: &RoomId, user: &UserId) -> Result<Option<u64>, Fault> {
    Ok(ROOMS.get(rows, &(user.as_str(), room.as_str()))?.and_then(|of_user| of_user.joined_at))
}

/// What a user was in a room right behind position `at`.
///
/// # Errors
/// A [`Fault`] when rows cannot be read.
pub fn membership_at(rows: &dyn Rows, room: &RoomId, user: &UserId, at: u64) -> Result<MembershipState, Fault> {
    // Mostly it is the newest that is asked for, and one row is read faster than the newest of many is looked for.
    match ROOMS.get(rows, &(user.as_str(), room.as_str()))? {
        None => return Ok(MembershipState::Leave),
        Some(newest) if newest.position <= at => return Ok(newest.membership),
        Some(_) => {}
    }
    let prefix = (room.as_str(), user.as_str());
    let found = HISTORY.last(rows, KeyRange::prefix_through(&prefix, &(room.as_str(), user.as_str(), at)))?;
    Ok(found.map_or(MembershipState::Leave, |(_, membership)| membership))
}

/// A user's memberships in a room through time, oldest first.
///
/// # Errors
/// A [`Fault`] when rows cannot be read.
pub fn history_of(rows: &dyn Rows, room: &RoomId, user: &UserId) -> Result<Vec<(u64, MembershipState)>, Fault> {
    let mut history = Vec::new();
    HISTORY.scan(rows, KeyRange::prefix(&(room.as_str(), user.as_str())), Order::Ascending, |key, membership| {
        history.push((key.2, membership));
        ControlFlow::Continue(())
    })?;
    Ok(history)
}

/// Every room that a user has or had a membership in, forgotten ones left out.
///
/// # Errors
/// A [`Fault`] when rows cannot be read.
pub fn rooms_of(rows: &dyn Rows, user: &UserId) -> Result<Vec<(OwnedRoomId, RoomOfUser)>, Fault> {
    let mut found = Vec::new();
    ROOMS.scan(rows, KeyRange::prefix(&(user.as_str(),)), Order::Ascending, |(_, room), of_user| {
        found.push((room, of_user));
        ControlFlow::Continue(())
    })?;
    let mut shown = Vec::with_capacity(found.len());
    for (room, of_user) in found {
        let room = room_id(room)?;
        if !is_forgotten_as(rows, &room, user, &of_user)? {
            shown.push((room, of_user));
        }
    }
    Ok(shown)
}

/// The rooms that a user is joined to.
///
/// # Errors
/// A [`Fault`] when rows cannot be read.
pub fn joined_rooms(rows: &dyn Rows, user: &UserId) -> Result<Vec<OwnedRoomId>, Fault> {
    rooms_with(rows, user, &MembershipState::Join)
}

/// The rooms that a user has this membership in; forgotten ones are not left out.
///
/// # Errors
/// A [`Fault`] when rows cannot be read.
pub fn rooms_with(rows: &dyn Rows, user: &UserId, wanted: &MembershipState) -> Result<Vec<OwnedRoomId>, Fault> {
    let mut found = Vec::new();
    ROOMS.scan(rows, KeyRange::prefix(&(user.as_str(),)), Order::Ascending, |(_, room), of_user| {
        if of_user.membership == *wanted {
            found.push(room);
        }
        ControlFlow::Continue(())
    })?;
    found.into_iter().map(room_id).collect()
}

/// Whether a user left a room and forgot it since.
///
/// # Errors
/// A [`Fault`] when rows cannot be read.
pub fn is_forgotten(rows: &dyn Rows, room: &RoomId, user: &UserId) -> Result<bool, Fault> {
    match ROOMS.get(rows, &(user.as_str(), room.as_str()))? {
        Some(of_user) => is_forgotten_as(rows, room, user, &of_user),
        None => Ok(false),
    }
}

fn is_forgotten_as(rows: &dyn Rows, room: &RoomId, user: &UserId, of_user: &RoomOfUser) -> Result<bool, Fault> {
    if !matches!(of_user.membership, MembershipState::Leave | MembershipState::Ban) {
        return Ok(false);
    }
    let forgotten_at = FORGOTTEN.get(rows, &(user.as_str(), room.as_str()))?;
    Ok(forgotten_at.is_some_and(|at| at > of_user.position))
}

/// The changes of a user's memberships after position `since`, oldest first, profile changes included.
///
/// # Errors
/// A [`Fault`] when rows cannot be read.
pub fn changes_since(rows: &dyn Rows, user: &UserId, since: u64) -> Result<Vec<(u64, Change)>, Fault> {
    let mut found = Vec::new();
    let range = KeyRange::newer(&(user.as_str(),), since);
    CHANGES.scan(rows, range, Order::Ascending, |(_, position), change| {
        found.push((position, change));
        ControlFlow::Continue(())
    })?;
    Ok(found)
}

/// The newest memberships of everybody who ever had one in a room, by user.
///
/// # Errors
/// A [`Fault`] when rows cannot be read.
pub fn members(rows: &dyn Rows, room: &RoomId) -> Result<Vec<(OwnedUserId, Member)>, Fault> {
    let mut found = Vec::new();
    MEMBERS.scan(rows, KeyRange::prefix(&(room.as_str(),)), Order::Ascending, |(_, user), member| {
        found.push((user, member));
        ControlFlow::Continue(())
    })?;
    found.into_iter().map(|(user, member)| Ok((user_id(user)?, member))).collect()
}

/// The users who have this membership in a room.
///
/// # Errors
/// A [`Fault`] when rows cannot be read.
pub fn users_with(rows: &dyn Rows, room: &RoomId, membership: &MembershipState) -> Result<Vec<OwnedUserId>, Fault> {
    let mut found = Vec::new();
    let range = KeyRange::prefix(&(room.as_str(), membership.as_str()));
    BY_MEMBERSHIP.scan_keys(rows, range, Order::Ascending, |(_, _, user)| {
        found.push(user);
        ControlFlow::Continue(())
    })?;
    found.into_iter().map(user_id).collect()
}

/// How many users have this membership in a room, counted no further than `limit`.
///
/// # Errors
/// A [`Fault`] when rows cannot be read.
pub fn count_with(rows: &dyn Rows, room: &RoomId, membership: &MembershipState, limit: usize) -> Result<usize, Fault> {
    BY_MEMBERSHIP.count(rows, KeyRange::prefix(&(room.as_str(), membership.as_str())), limit)
}

/// The users who are joined to a room.
///
/// # Errors
/// A [`Fault`] when rows cannot be read.
pub fn joined_members(rows: &dyn Rows, room: &RoomId) -> Result<Vec<OwnedUserId>, Fault> {
    users_with(rows, room, &MembershipState::Join)
}

fn user_id(text: String) -> Result<OwnedUserId, Fault> {
    OwnedUserId::try_from(text).map_err(|error| Fault::caused("a user id of the membership view does not read", error))
}

fn room_id(text: String) -> Result<OwnedRoomId, Fault> {
    OwnedRoomId::try_from(text).map_err(|error| Fault::caused("a room id of the membership view does not read", error))
}
