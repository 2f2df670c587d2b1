//! What a connection remembers, what is wanted of a room, and what one request is answered from.

use std::{collections::BTreeMap, sync::Arc};

use projection::Rows;
use ruma::{OwnedRoomId, events::room::member::MembershipState};

use super::required::{Required, RequiredSets, Unions};
use crate::{
    SyncToken,
    membership::RoomOfUser,
    sync::{Caller, KeysLeft, TIMELINE_MAX, Typing},
};

/// What a room, a list or a connection takes in memory beside the names in it, bytes, roughly.
const ENTRY_BYTES: usize = 160;

/// What a connection has told its client so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Connection {
    /// Up to where.
    pub(super) told: SyncToken,
    /// The rooms that were ever shown, and what of them.
    pub(super) rooms: BTreeMap<OwnedRoomId, Shown>,
    /// How many rooms each list had.
    pub(super) counts: BTreeMap<String, usize>,
    /// One-time and fallback keys that the device has left.
    pub(super) keys: Option<KeysLeft>,
    /// The state that rooms want, shared by those that want the same.
    pub(super) sets: RequiredSets,
}

/// What a connection has told of one room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Shown {
    /// Up to here.
    pub(super) through: u64,
    /// What the caller was in it.
    pub(super) joined: bool,
    /// The longest timeline that was asked for since the last cut.
    pub(super) limit: usize,
    /// The state that was asked for when it was told last.
    pub(super) required: Arc<Required>,
}

/// How much of a room is wanted: the union of all lists and subscriptions that show it.
#[derive(Clone, Debug, Default)]
pub(super) struct Wanted {
    pub(super) limit: usize,
    pub(super) required: Arc<Required>,
}

impl Wanted {
    /// What a list or a subscription wants.
    pub(super) fn of(limit: ruma::UInt, required: Arc<Required>) -> Self {
        Self { limit: usize::try_from(u64::from(limit)).unwrap_or(usize::MAX).min(TIMELINE_MAX), required }
    }

    /// What both want together.
    pub(super) fn and(&self, other: &Self, unions: &mut Unions<'_>) -> Self {
        Self { limit: self.limit.max(other.limit), required: unions.union(&self.required, &other.required) }
    }
}

/// What one request is answered from.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a> {
    pub(super) rows: &'a dyn Rows,
    pub(super) caller: Caller<'a>,
    pub(super) before: &'a Connection,
    pub(super) typing: &'a dyn Typing,
    /// The position of `rows`.
    pub(super) position: u64,
}

impl Connection {
    /// What it takes in memory, bytes, roughly.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let rooms = self.rooms.keys().map(|room| room.as_str().len() + ENTRY_BYTES);
        let lists = self.counts.keys().map(|list| list.len() + ENTRY_BYTES);
        ENTRY_BYTES + rooms.chain(lists).sum::<usize>() + self.sets.bytes()
    }

    /// The position in the log up to which it has told.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.told.position
    }

    /// Forgets the sets of state that no room wants any more.
    pub(super) fn tidy_sets(&mut self) {
        self.sets.keep(self.rooms.values().map(|shown| &shown.required));
    }

    pub(super) fn shown(&self, room: &OwnedRoomId) -> Option<&Shown> {
        self.rooms.get(room)
    }
}

/// Whether a list shows the room: the user is in it, or may yet be.
pub(super) fn is_present(of_user: &RoomOfUser) -> bool {
    is_shown_as(&of_user.membership)
}

/// Whether a room is shown to whoever is this in it.
pub(super) fn is_shown_as(membership: &MembershipState) -> bool {
    matches!(membership, MembershipState::Join | MembershipState::Invite | MembershipState::Knock)
}
