//! Finding the event nearest to a moment, by halving: times hardly ever fall from one position to the next.

use projection::{Rows, ViewFault};
use ruma::RoomId;

use super::timeline::{Entry, newest_position, oldest_position, timeline_after, timeline_before};

/// Events beside the moment that are looked at to find one that is shown.
const PASSED_OVER_MAX: usize = 100;

/// The first event at or after `ts_ms` (forwards), or the last one at or before it (backwards), of those that are shown. Some
/// that are not are passed over; none when they are too many.
///
/// # Errors
/// A [`ViewFault`] when rows cannot be read.
pub fn nearest_to_time(
    rows: &dyn Rows,
    room: &RoomId,
    ts_ms: u64,
    forwards: bool,
    is_shown: impl Fn(&Entry) -> bool,
) -> Result<Option<Entry>, ViewFault> {
    let (Some(mut low), Some(newest)) = (oldest_position(rows, room)?, newest_position(rows, room)?) else {
        return Ok(None);
    };
    // The first event at or after the moment is the first one behind `low - 1` when `low` and `high` meet.
    let mut high = newest + 1;
    while low < high {
        let middle = low + (high - low) / 2;
        match timeline_after(rows, room, middle - 1, 1)?.first() {
            Some((position, row)) if row.origin_server_ts < ts_ms => low = position + 1,
            _ => high = middle,
        }
    }
    if forwards {
        return Ok(timeline_after(rows, room, low - 1, PASSED_OVER_MAX)?.into_iter().find(is_shown));
    }
    let mut at = timeline_after(rows, room, low - 1, 1)?.into_iter().filter(|(_, row)| row.origin_server_ts == ts_ms);
    match at.find(&is_shown) {
        Some(found) => Ok(Some(found)),
        None => Ok(timeline_before(rows, room, low - 1, PASSED_OVER_MAX)?.into_iter().find(is_shown)),
    }
}
