//! Reading room state: now, as it was at a position, and what changed between two positions.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use projection::{KeyRange, Order, Rows, ViewFault};
use ruma::RoomId;

use super::{
    row::TimelineRow,
    tables::{CHANGES, CURRENT, HISTORY},
    timeline::{Entry, entry_at},
};

/// Type and state key.
pub type StateKey = (String, String);

/// One piece of current state.
///
/// # Errors
/// A [`ViewFault`] when rows cannot be read.
pub fn state_event(rows: &dyn Rows, room: &RoomId, event_type: &str, key: &str) -> Result<Option<Entry>, ViewFault> {
    let Some(position) = CURRENT.get(rows, &(room.as_str(), event_type, key))? else {
        return Ok(None);
    };
    Ok(entry_at(rows, room.as_str(), position)?.map(|row| (position, row)))
}

/// One piece of state as it was right behind position `at`.
///
/// # Errors
/// A [`ViewFault`] when rows cannot be read.
pub fn state_event_at(
    rows: &dyn Rows,
    room: &RoomId,
    event_type: &str,
    key: &str,
    at: u64,
) -> Result<Option<Entry>, ViewFault> {
    let slot = (room.as_str(), event_type, key);
    let range = KeyRange::prefix_through(&slot, &(room.as_str(), event_type, key, at));
    let Some((_, _, _, position)) = HISTORY.collect_keys(rows, range, Order::Descending, 1)?.pop() else {
        return Ok(None);
    };
    Ok(entry_at(rows, room.as_str(), position)?.map(|row| (position, row)))
}

/// Every piece of current state and its position; read the PDUs themselves by [`entry_at`].
///
/// # Errors
/// A [`ViewFault`] when rows cannot be read.
pub fn current_state(rows: &dyn Rows, room: &RoomId) -> Result<BTreeMap<StateKey, u64>, ViewFault> {
    let mut state = BTreeMap::new();
    CURRENT.scan(rows, KeyRange::prefix(&(room.as_str(),)), Order::Ascending, |(_, event_type, key), position| {
        state.insert((event_type, key), position);
        ControlFlow::Continue(())
    })?;
    Ok(state)
}

/// The state keys behind one, of a type of state that a room has or had; at most `limit`. State is replaced and never taken away.
///
/// # Errors
/// A [`ViewFault`] when rows cannot be read.
pub fn state_keys(
    rows: &dyn Rows,
    room: &RoomId,
    event_type: &str,
    after: Option<&str>,
    limit: usize,
) -> Result<Vec<String>, ViewFault> {
    let of_type = (room.as_str(), event_type);
    let range = match after {
        None => KeyRange::prefix(&of_type),
        Some(key) => KeyRange::prefix_after(&of_type, &(room.as_str(), event_type, key)),
    };
    let found = CURRENT.collect_keys(rows, range, Order::Ascending, limit)?;
    Ok(found.into_iter().map(|(.., key)| key).collect())
}

/// Every piece of state and its position as it was right behind position `at`.
///
/// # Errors
/// A [`ViewFault`] when rows cannot be read.
pub fn state_at(rows: &dyn Rows, room: &RoomId, at: u64) -> Result<BTreeMap<StateKey, u64>, ViewFault> {
    // Rows are in order of position, so that the last one of a type and key is the one that counts.
    changes(rows, KeyRange::prefix_through(&(room.as_str(),), &(room.as_str(), at)))
}

/// The state that was set after position `after` and up to `through`: of each type and key only the newest position.
///
/// # Errors
/// A [`ViewFault`] when rows cannot be read.
pub fn state_changes(
    rows: &dyn Rows,
    room: &RoomId,
    after: u64,
    through: u64,
) -> Result<BTreeMap<StateKey, u64>, ViewFault> {
    let room = room.as_str();
    changes(rows, KeyRange::newer_through(&(room,), after, through))
}

/// The positions of one piece of state through time, oldest first, at most `limit`.
///
/// # Errors
/// A [`ViewFault`] when rows cannot be read.
pub fn state_history(
    rows: &dyn Rows,
    room: &RoomId,
    event_type: &str,
    key: &str,
    limit: usize,
) -> Result<Vec<(u64, TimelineRow)>, ViewFault> {
    let range = KeyRange::prefix(&(room.as_str(), event_type, key));
    let positions = HISTORY.collect_keys(rows, range, Order::Ascending, limit)?;
    let mut found = Vec::with_capacity(positions.len());
    for (_, _, _, position) in positions {
        if let Some(row) = entry_at(rows, room.as_str(), position)? {
            found.push((position, row));
        }
    }
    Ok(found)
}

fn changes(rows: &dyn Rows, range: KeyRange) -> Result<BTreeMap<StateKey, u64>, ViewFault> {
    let mut state = BTreeMap::new();
    CHANGES.scan(rows, range, Order::Ascending, |(_, position), key| {
        state.insert(key, position);
        ControlFlow::Continue(())
    })?;
    Ok(state)
}
