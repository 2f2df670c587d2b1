//! Which rooms a user is, was or is invited to be in.

use std::ops::ControlFlow;

use projection::{KeyRange, Order, Rows, ViewFault};
use ruma::{OwnedRoomId, RoomId, UserId, events::room::member::MembershipState};

use super::tables::{CHANGES, Change, FORGOTTEN, ROOMS, RoomOfUser};

/// What a user is in a room now; `leave` when there never was a membership.
///
/// # Errors
/// A [`ViewFault`] when rows cannot be read.
pub fn membership_of(rows: &dyn Rows, room: &RoomId, user: &UserId) -> Result<MembershipState, ViewFault> {
    Ok(ROOMS.get(rows, &(user.as_str(), room.as_str()))?.map_or(MembershipState::Leave, |found| found.membership))
}

/// From where on a user has been joined to a room without a break; none when the user is not joined.
///
/// # Errors
/// A [`ViewFault`] when rows cannot be read.
pub fn joined_at(rows: &dyn Rows, room: &RoomId, user: &UserId) -> Result<Option<u64>, ViewFault> {
    Ok(ROOMS.get(rows, &(user.as_str(), room.as_str()))?.and_then(|of_user| of_user.joined_at))
}

/// From so many rooms on, looking through all of a person's takes longer than what most requests take together.
const MANY_ROOMS: usize = 100;

/// Whether a user is or was in so many rooms that looking through them takes a while. This itself does not.
///
/// # Errors
/// A [`ViewFault`] when rows cannot be read.
pub fn has_many_rooms(rows: &dyn Rows, user: &UserId) -> Result<bool, ViewFault> {
    Ok(ROOMS.count(rows, KeyRange::prefix(&(user.as_str(),)), MANY_ROOMS)? == MANY_ROOMS)
}

/// Every room that a user has or had a membership in, forgotten ones left out.
///
/// # Errors
/// A [`ViewFault`] when rows cannot be read.
pub fn rooms_of(rows: &dyn Rows, user: &UserId) -> Result<Vec<(OwnedRoomId, RoomOfUser)>, ViewFault> {
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
/// A [`ViewFault`] when rows cannot be read.
pub fn joined_rooms(rows: &dyn Rows, user: &UserId) -> Result<Vec<OwnedRoomId>, ViewFault> {
    rooms_with(rows, user, &MembershipState::Join)
}

/// The rooms that a user has this membership in; forgotten ones are not left out.
///
/// # Errors
/// A [`ViewFault`] when rows cannot be read.
pub fn rooms_with(rows: &dyn Rows, user: &UserId, wanted: &MembershipState) -> Result<Vec<OwnedRoomId>, ViewFault> {
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
/// A [`ViewFault`] when rows cannot be read.
pub fn is_forgotten(rows: &dyn Rows, room: &RoomId, user: &UserId) -> Result<bool, ViewFault> {
    match ROOMS.get(rows, &(user.as_str(), room.as_str()))? {
        Some(of_user) => is_forgotten_as(rows, room, user, &of_user),
        None => Ok(false),
    }
}

fn is_forgotten_as(rows: &dyn Rows, room: &RoomId, user: &UserId, of_user: &RoomOfUser) -> Result<bool, ViewFault> {
    if !matches!(of_user.membership, MembershipState::Leave | MembershipState::Ban) {
        return Ok(false);
    }
    let forgotten_at = FORGOTTEN.get(rows, &(user.as_str(), room.as_str()))?;
    Ok(forgotten_at.is_some_and(|at| at > of_user.position))
}

/// The changes of a user's memberships after position `since`, oldest first, profile changes included.
///
/// # Errors
/// A [`ViewFault`] when rows cannot be read.
pub fn changes_since(rows: &dyn Rows, user: &UserId, since: u64) -> Result<Vec<(u64, Change)>, ViewFault> {
    let mut found = Vec::new();
    let range = KeyRange::newer(&(user.as_str(),), since);
    CHANGES.scan(rows, range, Order::Ascending, |(_, position), change| {
        found.push((position, change));
        ControlFlow::Continue(())
    })?;
    Ok(found)
}

fn room_id(text: String) -> Result<OwnedRoomId, ViewFault> {
    OwnedRoomId::try_from(text).map_err(|error| ViewFault::caused("a room id of the membership view does not read", error))
}
