//! Which rooms certainly stood in the windows at an earlier position: those in which nothing happened since, and that no other room's news
//! can have moved in or out of them.

use std::{collections::BTreeSet, ops::RangeInclusive};

use projection::{Rows, ViewFault};
use ruma::{OwnedRoomId, UInt, UserId};

use super::{
    connection::{is_present, is_shown_as},
    list::ranges_of,
    wanted::RoomsOfUser,
};
use crate::{
    membership::{changes_since, membership_at},
    rooms::newest_position,
};

/// The rooms of a user, told apart by whether anything happened in them since a position.
pub(super) struct Quiet {
    rooms: BTreeSet<OwnedRoomId>,
    /// How many others there are, and were: each may have stood above any of the quiet ones.
    moved: usize,
}

impl Quiet {
    /// # Errors
    /// A [`ViewFault`] when rows cannot be read.
    pub(super) fn since(rows: &dyn Rows, user: &UserId, of_user: &RoomsOfUser, position: u64) -> Result<Self, ViewFault> {
        let mut quiet = Self { rooms: BTreeSet::new(), moved: 0 };
        for (room, _) in of_user.iter().filter(|(_, of_user)| is_present(of_user)) {
            if newest_position(rows, room)?.is_none_or(|newest| newest <= position) {
                quiet.rooms.insert(room.clone());
            } else {
                quiet.moved += 1;
            }
        }
        // Forgotten ones too.
        let changed: BTreeSet<_> =
            changes_since(rows, user, position)?.into_iter().map(|(_, change)| change.room_id).collect();
        for room in changed {
            let is_shown = of_user.get(&room).is_some_and(is_present);
            if !is_shown && is_shown_as(&membership_at(rows, &room, user, position)?) {
                quiet.moved += 1;
            }
        }
        Ok(quiet)
    }

    /// The rooms of a list that stood in its windows then. The quiet ones have kept their order, and all that moved can only have stood
    /// between them: a room stood behind the quiet ones above it, and at most behind all that moved as well.
    pub(super) fn windows<'a>(&self, rooms: &[&'a OwnedRoomId], ranges: &[(UInt, UInt)]) -> Vec<&'a OwnedRoomId> {
        let ranges: Vec<RangeInclusive<usize>> = ranges_of(ranges).collect();
        let kept = rooms.iter().filter(|room| self.rooms.contains(**room)).enumerate();
        let stood = kept.filter(|(above, _)| {
            let lowest = above.saturating_add(self.moved);
            ranges.iter().any(|range| range.contains(above) && range.contains(&lowest))
        });
        stood.map(|(_, room)| *room).collect()
    }
}
