//! What a user was in a room, at any position.

use std::ops::ControlFlow;

use projection::{KeyRange, Order, Rows, ViewFault};
use ruma::{RoomId, UserId, events::room::member::MembershipState};

use super::tables::{HISTORY, ROOMS};

/// What a user was in a room right behind position `at`.
///
/// # Errors
/// A [`ViewFault`] when rows cannot be read.
pub fn membership_at(rows: &dyn Rows, room: &RoomId, user: &UserId, at: u64) -> Result<MembershipState, ViewFault> {
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
/// A [`ViewFault`] when rows cannot be read.
pub fn history_of(rows: &dyn Rows, room: &RoomId, user: &UserId) -> Result<Vec<(u64, MembershipState)>, ViewFault> {
    let mut history = Vec::new();
    HISTORY.scan(rows, KeyRange::prefix(&(room.as_str(), user.as_str())), Order::Ascending, |key, membership| {
        history.push((key.2, membership));
        ControlFlow::Continue(())
    })?;
    Ok(history)
}
