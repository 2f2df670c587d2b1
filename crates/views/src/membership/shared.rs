//! Who shares a room with whom, and how that changed: whose devices a client has to keep track of.

use std::collections::{BTreeMap, BTreeSet};

use projection::{Rows, ViewFault};
use ruma::{OwnedRoomId, OwnedUserId, RoomId, UserId, events::room::member::MembershipState};

use super::{
    by_room::joined_members,
    by_user::{changes_since, joined_rooms, membership_of},
    history::{history_of, membership_at},
    tables::RoomOfUser,
};
use crate::{Audience, END, rooms::state_changes};

/// How the set of users that share a room with somebody changed.
#[derive(Clone, Debug, Default)]
pub struct SharedChanges {
    /// Those who share a room now; some of them may have shared another one before.
    pub gained: BTreeSet<OwnedUserId>,
    /// Those who share no room any more.
    pub lost: BTreeSet<OwnedUserId>,
}

/// Everybody who shares a joined room with `user`, without `user`.
///
/// # Errors
/// A [`ViewFault`] when rows cannot be read.
pub fn users_sharing_rooms(rows: &dyn Rows, user: &UserId) -> Result<BTreeSet<OwnedUserId>, ViewFault> {
    let mut found = BTreeSet::new();
    for room in joined_rooms(rows, user)? {
        found.extend(joined_members(rows, &room)?);
    }
    found.remove(user);
    Ok(found)
}

/// The people of an audience, as of `rows`, which have folded the facts that touched it. Who came to a room or left it by one of
/// these facts is touched by that one as a person.
///
/// # Errors
/// A [`ViewFault`] when rows cannot be read.
pub fn people_of(rows: &dyn Rows, audience: &Audience) -> Result<Vec<OwnedUserId>, ViewFault> {
    match audience {
        Audience::Person(user) => Ok(vec![user.clone()]),
        Audience::Room(room) => joined_members(rows, room),
        Audience::Observers(user) => {
            let mut observers = users_sharing_rooms(rows, user)?;
            observers.insert(user.clone());
            Ok(observers.into_iter().collect())
        }
    }
}

/// Whether two users are joined to the same room.
///
/// # Errors
/// A [`ViewFault`] when rows cannot be read.
pub fn shares_a_room(rows: &dyn Rows, one: &UserId, other: &UserId) -> Result<bool, ViewFault> {
    for room in joined_rooms(rows, one)? {
        if membership_of(rows, &room, other)? == MembershipState::Join {
            return Ok(true);
        }
    }
    Ok(false)
}

/// How the set of users that share a room with `user` changed after position `since`. `rooms` are the user's, as
/// [`rooms_of`](super::by_user::rooms_of) has them.
///
/// # Errors
/// A [`ViewFault`] when rows cannot be read.
pub fn shared_changes(
    rows: &dyn Rows,
    user: &UserId,
    rooms: &[(OwnedRoomId, RoomOfUser)],
    since: u64,
) -> Result<SharedChanges, ViewFault> {
    let mut candidates = BTreeSet::new();
    for (room, of_user) in rooms.iter().filter(|(_, of_user)| of_user.membership == MembershipState::Join) {
        let was_joined = of_user.position <= since || membership_at(rows, room, user, since)? == MembershipState::Join;
        if was_joined {
            candidates.extend(moved_since(rows, room, since)?);
        } else {
            candidates.extend(joined_members(rows, room)?);
        }
    }
    for room in rooms_left(rows, user, since)? {
        candidates.extend(joined_members(rows, &room)?);
        candidates.extend(moved_since(rows, &room, since)?);
    }
    candidates.remove(user);
    let mut changes = SharedChanges::default();
    for other in candidates {
        if shares_a_room(rows, user, &other)? {
            changes.gained.insert(other);
        } else {
            changes.lost.insert(other);
        }
    }
    Ok(changes)
}

/// Users who joined a room or left it after position `since`; a new display name is neither.
fn moved_since(rows: &dyn Rows, room: &RoomId, since: u64) -> Result<Vec<OwnedUserId>, ViewFault> {
    let mut moved = Vec::new();
    for ((event_type, key), _) in state_changes(rows, room, since, END)? {
        if event_type != "m.room.member" {
            continue;
        }
        let Ok(user) = OwnedUserId::try_from(key) else {
            continue;
        };
        let was_joined = membership_at(rows, room, &user, since)? == MembershipState::Join;
        let joined_since = history_of(rows, room, &user)?
            .iter()
            .any(|(at, membership)| *at > since && (*membership == MembershipState::Join) != was_joined);
        if joined_since {
            moved.push(user);
        }
    }
    Ok(moved)
}

/// Rooms that `user` was joined to at some time after `since` and is not any more.
fn rooms_left(rows: &dyn Rows, user: &UserId, since: u64) -> Result<Vec<OwnedRoomId>, ViewFault> {
    let mut ends = BTreeMap::new();
    for (_, change) in changes_since(rows, user, since)? {
        ends.insert(change.room_id, change.membership);
    }
    let mut left = Vec::new();
    for (room, end) in ends {
        if end != MembershipState::Join && membership_at(rows, &room, user, since)? == MembershipState::Join {
            left.push(room);
        }
    }
    Ok(left)
}
