//! What a client asks for, and what it is answered from.

use projection::Rows;
use ruma::{OwnedRoomId, RoomId, api::client::filter::FilterDefinition};

use crate::{
    SyncToken,
    sync::{Caller, NewData, TIMELINE_MAX, Typing},
};

/// Timeline events of a room when the filter does not say.
const TIMELINE_DEFAULT: usize = 20;

/// What a client asks for.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// Where the last response ended; none for all there is.
    pub since: Option<SyncToken>,
    /// What is wanted of it.
    pub filter: FilterDefinition,
    /// All state of all rooms, though it was told before.
    pub full_state: bool,
    /// State as of the end of the timeline instead of its start (MSC4222).
    pub use_state_after: bool,
}

impl Query {
    pub(super) fn since(&self) -> SyncToken {
        self.since.unwrap_or_default()
    }

    pub(super) fn timeline_limit(&self) -> usize {
        let asked = self.filter.room.timeline.limit.map(|limit| usize::try_from(u64::from(limit)).unwrap_or(usize::MAX));
        asked.unwrap_or(TIMELINE_DEFAULT).min(TIMELINE_MAX)
    }

    pub(super) fn wants_room(&self, room: &RoomId) -> bool {
        let filter = &self.filter.room;
        let listed = |rooms: &Vec<OwnedRoomId>| rooms.iter().any(|listed| listed == room);
        filter.rooms.as_ref().is_none_or(listed) && !listed(&filter.not_rooms)
    }
}

/// What one request is answered from.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a> {
    pub(super) rows: &'a dyn Rows,
    pub(super) caller: Caller<'a>,
    pub(super) query: &'a Query,
    pub(super) typing: &'a dyn Typing,
    pub(super) data: &'a NewData,
}
