//! Which PDUs of a room a user may see (spec: "Room history visibility").

use std::cmp::Ordering;

use projection::{Rows, ViewFault};
use ruma::{
    RoomId, UserId,
    events::room::{history_visibility::HistoryVisibility, member::MembershipState},
};
use serde::Deserialize;

use super::{by_user::is_forgotten, history::history_of};
use crate::{END, rooms::state_history};

/// How many changes of the history visibility of one room are looked at.
const CHANGES_MAX: usize = 10_000;

/// What one user may see of one room, loaded once and asked for each PDU.
#[derive(Clone, Debug)]
pub struct Sight {
    memberships: Vec<(u64, MembershipState)>,
    visibilities: Vec<(u64, HistoryVisibility)>,
    last_joined: Option<u64>,
    forgotten: bool,
}

impl Sight {
    /// Loads what decides on the sight of `user` in `room`.
    ///
    /// # Errors
    /// A [`ViewFault`] when rows cannot be read.
    pub fn load(rows: &dyn Rows, room: &RoomId, user: &UserId) -> Result<Self, ViewFault> {
        #[derive(Deserialize)]
        struct Content {
            history_visibility: HistoryVisibility,
        }
        let memberships = history_of(rows, room, user)?;
        let visibilities = state_history(rows, room, "m.room.history_visibility", "", CHANGES_MAX)?
            .into_iter()
            .filter_map(|(at, row)| Some((at, row.content_as::<Content>()?.history_visibility)))
            .collect();
        let last_joined = memberships.iter().rfind(|(_, m)| *m == MembershipState::Join).map(|(at, _)| *at);
        Ok(Self { memberships, visibilities, last_joined, forgotten: is_forgotten(rows, room, user)? })
    }

    /// Whether the user may see the PDU at `position`.
    #[must_use]
    pub fn may_see(&self, position: u64) -> bool {
        if self.forgotten {
            return false;
        }
        // A PDU that changes the rules or the user's own membership is judged by the kinder of before and after.
        self.judge(position, position) || self.judge(position, position.saturating_sub(1))
    }

    fn judge(&self, position: u64, at: u64) -> bool {
        let membership = value_at(&self.memberships, at).unwrap_or(&MembershipState::Leave);
        let visibility = value_at(&self.visibilities, at).unwrap_or(&HistoryVisibility::Shared);
        match (visibility, membership) {
            (HistoryVisibility::WorldReadable, _) | (_, MembershipState::Join) => true,
            (HistoryVisibility::Shared, _) => self.last_joined.is_some_and(|joined| joined > position),
            (HistoryVisibility::Invited, MembershipState::Invite) => true,
            _ => false,
        }
    }

    /// True when the user was joined at some time: the room's state is theirs to read, up to where they left.
    #[must_use]
    pub fn was_ever_joined(&self) -> bool {
        self.last_joined.is_some() && !self.forgotten
    }

    /// How far the user may read the room's state: to the end while joined or in a world-readable room, else up to and
    /// with the end of the last stay. None for somebody who never was in the room.
    #[must_use]
    pub fn reads_state_through(&self) -> Option<u64> {
        if self.forgotten {
            return None;
        }
        let joined = self.memberships.last().is_some_and(|(_, m)| *m == MembershipState::Join);
        let world = self.visibilities.last().is_some_and(|(_, v)| *v == HistoryVisibility::WorldReadable);
        if joined || world {
            return Some(END);
        }
        let last_joined = self.last_joined?;
        self.memberships.iter().map(|(at, _)| *at).find(|at| *at > last_joined)
    }
}

fn value_at<V>(changes: &[(u64, V)], at: u64) -> Option<&V> {
    let behind = changes.partition_point(|(position, _)| position.cmp(&at) != Ordering::Greater);
    changes.get(behind.checked_sub(1)?).map(|(_, value)| value)
}

/// Whether `user` may see the PDU at `position` of `room`; to ask for many, load a [`Sight`].
///
/// # Errors
/// A [`ViewFault`] when rows cannot be read.
pub fn may_see(rows: &dyn Rows, room: &RoomId, user: &UserId, position: u64) -> Result<bool, ViewFault> {
    Ok(Sight::load(rows, room, user)?.may_see(position))
}
