//! The newest part of a timeline, as syncs cut it.

use std::ops::ControlFlow;

use projection::{KeyRange, Order, Rows, ViewFault};
use ruma::RoomId;

use super::{tables::TIMELINE, timeline::Entry};
use crate::END;

/// How many PDUs are passed over to fill one part.
const PASSED_OVER_MAX: usize = 1_000;

/// The newest part of a timeline between two positions.
#[derive(Clone, Debug, Default)]
pub struct Newest {
    /// Oldest first.
    pub entries: Vec<Entry>,
    /// True when there are more in between than were asked for: the older ones are left out.
    pub limited: bool,
    /// Down to where was looked; none when there is nothing in between.
    pub oldest: Option<u64>,
}

/// The newest `limit` PDUs after position `after` up to `through`, without those that are `passed_over`: these take no place
/// from others, within bounds.
///
/// # Errors
/// A [`ViewFault`] when rows cannot be read.
pub fn newest_of_timeline(
    rows: &dyn Rows,
    room: &RoomId,
    (after, through): (u64, u64),
    limit: usize,
    passed_over: impl Fn(&Entry) -> bool,
) -> Result<Newest, ViewFault> {
    let prefix = (room.as_str(),);
    if through == END {
        // Forwards is faster, and right when there are not too many, as there mostly are not.
        let all = TIMELINE.collect(rows, KeyRange::newer(&prefix, after), Order::Ascending, limit.saturating_add(1))?;
        if all.len() <= limit {
            let oldest = all.first().map(|((_, position), _)| *position);
            let entries = all.into_iter().map(|((_, position), row)| (position, row));
            return Ok(Newest { entries: entries.filter(|entry| !passed_over(entry)).collect(), limited: false, oldest });
        }
    }
    let mut newest = Newest::default();
    let mut passed = 0;
    let range = KeyRange::newer_through(&prefix, after, through);
    TIMELINE.scan(rows, range, Order::Descending, |(_, position), row| {
        if newest.entries.len() == limit || passed == PASSED_OVER_MAX {
            newest.limited = true;
            return ControlFlow::Break(());
        }
        newest.oldest = Some(position);
        let entry = (position, row);
        if passed_over(&entry) {
            passed += 1;
        } else {
            newest.entries.push(entry);
        }
        ControlFlow::Continue(())
    })?;
    newest.entries.reverse();
    Ok(newest)
}
