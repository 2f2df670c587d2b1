//! Reading timelines: by position, backwards and forwards, and one event by its id. Who may see what is decided in
//! `membership::Sight`, not here.

use projection::{KeyRange, Order, Rows, ViewFault};
use ruma::{EventId, OwnedRoomId, RoomId, UserId};

use super::{
    row::TimelineRow,
    tables::{EVENTS, TIMELINE},
};
use crate::reader::Said;

/// One PDU of a timeline with its position.
pub type Entry = (u64, TimelineRow);

impl Said for Entry {
    fn position(&self) -> u64 {
        self.0
    }

    fn sender(&self) -> &UserId {
        &self.1.sender
    }

    fn is_state(&self) -> bool {
        self.1.state_key.is_some()
    }
}

/// At most `limit` PDUs at or before position `through`, newest first.
///
/// # Errors
/// A [`ViewFault`] when rows cannot be read.
pub fn timeline_before(rows: &dyn Rows, room: &RoomId, through: u64, limit: usize) -> Result<Vec<Entry>, ViewFault> {
    collect(rows, KeyRange::prefix_through(&(room.as_str(),), &(room.as_str(), through)), Order::Descending, limit)
}

/// At most `limit` PDUs after position `after`, oldest first.
///
/// # Errors
/// A [`ViewFault`] when rows cannot be read.
pub fn timeline_after(rows: &dyn Rows, room: &RoomId, after: u64, limit: usize) -> Result<Vec<Entry>, ViewFault> {
    collect(rows, KeyRange::newer(&(room.as_str(),), after), Order::Ascending, limit)
}

/// The room that comes next in the order of ids, behind `after`; rooms that everybody has forgotten too.
///
/// # Errors
/// A [`ViewFault`] when rows cannot be read.
pub fn next_room(rows: &dyn Rows, after: Option<&RoomId>) -> Result<Option<OwnedRoomId>, ViewFault> {
    let behind = after.map_or_else(KeyRange::whole, |room| KeyRange::after(&(room.as_str(), u64::MAX)));
    let next = TIMELINE.collect_keys(rows, behind, Order::Ascending, 1)?;
    Ok(next.first().and_then(|(room, _)| RoomId::parse(room).ok()))
}

/// The PDU at a position of a room.
///
/// # Errors
/// A [`ViewFault`] when rows cannot be read.
pub fn entry_at(rows: &dyn Rows, room: &str, position: u64) -> Result<Option<TimelineRow>, ViewFault> {
    TIMELINE.get(rows, &(room, position))
}

/// An event of this room; none when the id is unknown or of another room.
///
/// # Errors
/// A [`ViewFault`] when rows cannot be read.
pub fn entry_of(rows: &dyn Rows, room: &RoomId, event_id: &EventId) -> Result<Option<Entry>, ViewFault> {
    Ok(entry_of_event(rows, event_id)?.filter(|(found, _)| found == room.as_str()).map(|(_, entry)| entry))
}

/// An event of any room, with the room's id.
///
/// # Errors
/// A [`ViewFault`] when rows cannot be read.
pub fn entry_of_event(rows: &dyn Rows, event_id: &EventId) -> Result<Option<(String, Entry)>, ViewFault> {
    let Some((room, position)) = EVENTS.get(rows, event_id.as_str())? else {
        return Ok(None);
    };
    Ok(entry_at(rows, &room, position)?.map(|row| (room, (position, row))))
}

/// The position of the newest PDU of a room; none when there is no such room.
///
/// # Errors
/// A [`ViewFault`] when rows cannot be read.
pub fn newest_position(rows: &dyn Rows, room: &RoomId) -> Result<Option<u64>, ViewFault> {
    edge(rows, room, Order::Descending)
}

/// Whether a room has a PDU after position `since`.
///
/// # Errors
/// A [`ViewFault`] when rows cannot be read.
pub fn has_newer(rows: &dyn Rows, room: &RoomId, since: u64) -> Result<bool, ViewFault> {
    Ok(TIMELINE.count(rows, KeyRange::newer(&(room.as_str(),), since), 1)? > 0)
}

/// False when a room certainly has no PDU after position `since`; reads nothing.
#[must_use]
pub fn may_have_newer(rows: &dyn Rows, room: &RoomId, since: u64) -> bool {
    TIMELINE.may_have(rows, &KeyRange::newer(&(room.as_str(),), since))
}

/// The position of the first PDU of a room; none when there is no such room.
///
/// # Errors
/// A [`ViewFault`] when rows cannot be read.
pub fn oldest_position(rows: &dyn Rows, room: &RoomId) -> Result<Option<u64>, ViewFault> {
    edge(rows, room, Order::Ascending)
}

fn edge(rows: &dyn Rows, room: &RoomId, order: Order) -> Result<Option<u64>, ViewFault> {
    let keys = TIMELINE.collect_keys(rows, KeyRange::prefix(&(room.as_str(),)), order, 1)?;
    Ok(keys.first().map(|(_, position)| *position))
}

fn collect(rows: &dyn Rows, range: KeyRange, order: Order, limit: usize) -> Result<Vec<Entry>, ViewFault> {
    let found = TIMELINE.collect(rows, range, order, limit)?;
    Ok(found.into_iter().map(|((_, position), row)| (position, row)).collect())
}
