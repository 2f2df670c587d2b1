//! What a connection remembers, what is wanted of a room, and what one request is answered from.

use std::collections::{BTreeMap, BTreeSet};

use projection::Rows;
use ruma::{
    OwnedRoomId,
    events::{StateEventType, room::member::MembershipState},
};

use crate::{
    SyncToken,
    membership::RoomOfUser,
    sync::{Caller, KeysLeft, TIMELINE_MAX, Typing},
};

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
    /// The state that was asked for.
    pub(super) required: BTreeSet<(StateEventType, String)>,
}

/// How much of a room is wanted: the union of all lists and subscriptions that show it.
#[derive(Clone, Debug, Default)]
pub(super) struct Wanted {
    pub(super) limit: usize,
    pub(super) required: BTreeSet<(StateEventType, String)>,
}

impl Wanted {
    pub(super) fn widen(&mut self, limit: ruma::UInt, required: &[(StateEventType, String)]) {
        let limit = usize::try_from(u64::from(limit)).unwrap_or(usize::MAX).min(TIMELINE_MAX);
        self.limit = self.limit.max(limit);
        self.required.extend(required.iter().cloned());
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
    pub(super) fn shown(&self, room: &OwnedRoomId) -> Option<&Shown> {
        self.rooms.get(room)
    }
}

/// Whether a list shows the room: the user is in it, or may yet be.
pub(super) fn is_present(of_user: &RoomOfUser) -> bool {
    matches!(of_user.membership, MembershipState::Join | MembershipState::Invite | MembershipState::Knock)
}
