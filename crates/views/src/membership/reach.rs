//! Which part of a room's history is open to a user (spec: "Room history visibility"). What of it they are shown is said by
//! `Sight`.

use std::{cmp::Ordering, collections::BTreeSet, ops::ControlFlow};

use projection::{KeyRange, Order, Rows, ViewFault};
use ruma::{
    RoomId, UserId,
    events::room::{history_visibility::HistoryVisibility, member::MembershipState},
};
use serde::Deserialize;

use super::{by_user::is_forgotten, history::history_of, tables::ERASED};
use crate::{END, reader::Said, rooms::state_history};

/// How many changes of the history visibility of one room are looked at.
const CHANGES_MAX: usize = 10_000;

/// What one user can reach of one room, loaded once and asked for each position.
#[derive(Clone, Debug)]
pub(super) struct Reach {
    memberships: Vec<(u64, MembershipState)>,
    visibilities: Vec<(u64, HistoryVisibility)>,
    last_joined: Option<u64>,
    forgotten: bool,
    /// Who had their account erased, of those who ever were here.
    erased: BTreeSet<String>,
}

fn erased_of(rows: &dyn Rows, room: &RoomId) -> Result<BTreeSet<String>, ViewFault> {
    let mut erased = BTreeSet::new();
    ERASED.scan(rows, KeyRange::prefix(&(room.as_str(),)), Order::Ascending, |(_, user), ()| {
        erased.insert(user);
        ControlFlow::Continue(())
    })?;
    Ok(erased)
}

impl Reach {
    /// Loads what decides on the reach of `user` in `room`.
    pub(super) fn load(rows: &dyn Rows, room: &RoomId, user: &UserId) -> Result<Self, ViewFault> {
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
        Ok(Self {
            memberships,
            visibilities,
            last_joined,
            forgotten: is_forgotten(rows, room, user)?,
            erased: erased_of(rows, room)?,
        })
    }

    /// Whether what is at `position` is open to the user.
    pub(super) fn covers(&self, position: u64) -> bool {
        if self.forgotten {
            return false;
        }
        // A PDU that changes the rules or the user's own membership is judged by the kinder of before and after.
        self.judge(position, position) || self.judge(position, position.saturating_sub(1))
    }

    /// Whether somebody said this who was erased, and the user was not there (spec: "Account deactivation"). State is the room's, and stays.
    pub(super) fn outlived(&self, said: &impl Said) -> bool {
        !self.erased.is_empty()
            && !said.is_state()
            && self.erased.contains(said.sender().as_str())
            && value_at(&self.memberships, said.position()) != Some(&MembershipState::Join)
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

    /// How far the user may read the room's state: to the end while joined or in a world-readable room, else up to and
    /// with the end of the last stay. None for somebody who never was in the room.
    pub(super) fn state_through(&self) -> Option<u64> {
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

/// Whether what is at `position` of `room` is open to `user`, whoever said it. For rules: what is shown is asked of a
/// [`Sight`](super::Sight).
///
/// # Errors
/// A [`ViewFault`] when rows cannot be read.
pub fn reaches(rows: &dyn Rows, room: &RoomId, user: &UserId, position: u64) -> Result<bool, ViewFault> {
    Ok(Reach::load(rows, room, user)?.covers(position))
}
