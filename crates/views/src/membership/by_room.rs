//! Who is, was or is invited to be in a room.

use std::ops::ControlFlow;

use projection::{KeyRange, Order, Rows, ViewFault};
use ruma::{OwnedUserId, RoomId, UserId, events::room::member::MembershipState};

use super::tables::{BY_MEMBERSHIP, MEMBERS, Member};

/// A user's newest membership in a room; none when there never was one.
///
/// # Errors
/// A [`ViewFault`] when rows cannot be read.
pub fn member(rows: &dyn Rows, room: &RoomId, user: &UserId) -> Result<Option<Member>, ViewFault> {
    MEMBERS.get(rows, &(room.as_str(), user.as_str()))
}

/// The newest memberships of those behind a user who ever had one in a room, by user; at most `limit`.
///
/// # Errors
/// A [`ViewFault`] when rows cannot be read.
pub fn members_after(
    rows: &dyn Rows,
    room: &RoomId,
    after: Option<&UserId>,
    limit: usize,
) -> Result<Vec<(OwnedUserId, Member)>, ViewFault> {
    let of_room = (room.as_str(),);
    let range = match after {
        None => KeyRange::prefix(&of_room),
        Some(user) => KeyRange::prefix_after(&of_room, &(room.as_str(), user.as_str())),
    };
    let found = MEMBERS.collect(rows, range, Order::Ascending, limit)?;
    found.into_iter().map(|((_, user), member)| Ok((user_id(user)?, member))).collect()
}

/// The users who have this membership in a room.
///
/// # Errors
/// A [`ViewFault`] when rows cannot be read.
pub fn users_with(rows: &dyn Rows, room: &RoomId, membership: &MembershipState) -> Result<Vec<OwnedUserId>, ViewFault> {
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
/// A [`ViewFault`] when rows cannot be read.
pub fn count_with(rows: &dyn Rows, room: &RoomId, membership: &MembershipState, limit: usize) -> Result<usize, ViewFault> {
    BY_MEMBERSHIP.count(rows, KeyRange::prefix(&(room.as_str(), membership.as_str())), limit)
}

/// The users who are joined to a room.
///
/// # Errors
/// A [`ViewFault`] when rows cannot be read.
pub fn joined_members(rows: &dyn Rows, room: &RoomId) -> Result<Vec<OwnedUserId>, ViewFault> {
    users_with(rows, room, &MembershipState::Join)
}

fn user_id(text: String) -> Result<OwnedUserId, ViewFault> {
    OwnedUserId::try_from(text).map_err(|error| ViewFault::caused("a user id of the membership view does not read", error))
}
