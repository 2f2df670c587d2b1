//! What a client needs to name a room that has no name: heroes and counts (spec: `GET /sync`, "RoomSummary").

use projection::{Rows, ViewFault};
use ruma::{OwnedUserId, RoomId, UserId, events::room::member::MembershipState};

use super::{
    by_room::{count_with, member, users_with},
    tables::Member,
};

/// How many heroes there are at most.
pub const HEROES_MAX: usize = 5;
/// How many users are looked at to choose heroes.
const CANDIDATES_MAX: usize = 200;

/// Heroes and counts of a room.
#[derive(Clone, Debug)]
pub struct Summary {
    /// Others in the room, or who were in it when nobody else is, in the order they came.
    pub heroes: Vec<(OwnedUserId, Member)>,
    /// How many are joined.
    pub joined: usize,
    /// How many are invited.
    pub invited: usize,
}

/// The summary of a room for `user`.
///
/// # Errors
/// A [`ViewFault`] when rows cannot be read.
pub fn summary(rows: &dyn Rows, room: &RoomId, user: &UserId) -> Result<Summary, ViewFault> {
    let present = [MembershipState::Join, MembershipState::Invite];
    let gone = [MembershipState::Leave, MembershipState::Ban];
    let mut heroes = candidates(rows, room, user, &present)?;
    if heroes.is_empty() {
        heroes = candidates(rows, room, user, &gone)?;
    }
    heroes.sort_by_key(|(_, member)| member.position);
    heroes.truncate(HEROES_MAX);
    Ok(Summary {
        heroes,
        joined: count_with(rows, room, &MembershipState::Join, usize::MAX)?,
        invited: count_with(rows, room, &MembershipState::Invite, usize::MAX)?,
    })
}

fn candidates(
    rows: &dyn Rows,
    room: &RoomId,
    not: &UserId,
    memberships: &[MembershipState],
) -> Result<Vec<(OwnedUserId, Member)>, ViewFault> {
    let mut found = Vec::new();
    for membership in memberships {
        for user in users_with(rows, room, membership)?.into_iter().take(CANDIDATES_MAX) {
            if user != not
                && let Some(member) = member(rows, room, &user)?
            {
                found.push((user, member));
            }
        }
    }
    Ok(found)
}
