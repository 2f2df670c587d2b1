//! The newest part of a timeline that one person is told, and what of the room's state they cannot see in it.
//!
//! One rule makes it agree with the state that goes with it: no piece of state that is shown in the part has changed again, unshown, behind
//! it. Where it would, the part begins later.

use std::{collections::BTreeMap, ops::ControlFlow};

use projection::{KeyRange, Order, Rows, ViewFault};
use ruma::RoomId;

use super::{row::TimelineRow, state::StateKey, tables::TIMELINE, timeline::Entry};
use crate::END;

/// How many PDUs that are not shown are passed over to fill one part.
const PASSED_OVER_MAX: usize = 1_000;
/// Of those that are not open to the reader. They stand together, mostly before the reader came.
const OUT_OF_REACH_MAX: usize = 100;

/// What becomes of a PDU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is shown.
    Shown,
    /// It is not wanted, or nobody hears who said it.
    PassedOver,
    /// It is not open to the reader.
    OutOfReach,
}

/// A part of a timeline.
#[derive(Clone, Debug, Default)]
pub struct Window {
    /// What is shown, oldest first.
    pub shown: Vec<Entry>,
    /// True when older ones would be shown too and are left out.
    pub limited: bool,
    /// Where it begins: the position of its oldest PDU, shown or not; none when it has none.
    pub from: Option<u64>,
    /// The pieces of state whose newest change in this part is not shown, with the positions of these.
    pub unshown: BTreeMap<StateKey, u64>,
    /// The newest PDU that is left out.
    cut_at: Option<u64>,
    passed_over: usize,
    out_of_reach: usize,
}

impl Window {
    /// The position from which what was left out is read, backwards; none when there is nothing to go on from.
    #[must_use]
    pub fn prev(&self) -> Option<u64> {
        match self.from {
            Some(from) if self.limited || !self.shown.is_empty() => Some(from.saturating_sub(1)),
            Some(_) => None,
            None => self.cut_at,
        }
    }

    /// Takes the next older PDU. Of state that `is_known`, it is kept whether it changed unshown.
    fn take(&mut self, entry: Entry, verdict: Verdict, is_known: bool, limit: usize) -> ControlFlow<()> {
        let is_full = self.shown.len() >= limit;
        let is_cut = match verdict {
            Verdict::Shown => is_full || key_of(&entry.1).is_some_and(|key| self.unshown.contains_key(&key)),
            Verdict::PassedOver => self.passed_over == PASSED_OVER_MAX,
            Verdict::OutOfReach => self.out_of_reach == OUT_OF_REACH_MAX,
        };
        if is_cut {
            self.limited = true;
            self.cut_at = Some(entry.0);
            return ControlFlow::Break(());
        }
        match verdict {
            Verdict::Shown => {}
            Verdict::PassedOver => self.passed_over += 1,
            Verdict::OutOfReach => self.out_of_reach += 1,
        }
        if is_full {
            // It is only looked whether there is more.
            return ControlFlow::Continue(());
        }
        self.from = Some(entry.0);
        if verdict == Verdict::Shown {
            self.shown.push(entry);
        } else if is_known
            && let Some(key) = key_of(&entry.1)
            && !self.shows(&key)
        {
            self.unshown.entry(key).or_insert(entry.0);
        }
        ControlFlow::Continue(())
    }

    fn shows(&self, (event_type, key): &StateKey) -> bool {
        self.shown.iter().any(|(_, row)| row.event_type == *event_type && row.state_key.as_ref() == Some(key))
    }
}

fn key_of(row: &TimelineRow) -> Option<StateKey> {
    row.state_key.as_ref().map(|key| (row.event_type.clone(), key.clone()))
}

/// The newest `limit` PDUs after position `after` up to `through` that `judge` shows, for somebody who may read the state that was set at
/// the positions that are `known`.
///
/// # Errors
/// A [`ViewFault`] when rows cannot be read.
pub fn window(
    rows: &dyn Rows,
    room: &RoomId,
    (after, through): (u64, u64),
    limit: usize,
    known: impl Fn(u64) -> bool,
    judge: impl Fn(&Entry) -> Verdict,
) -> Result<Window, ViewFault> {
    let prefix = (room.as_str(),);
    let mut window = Window::default();
    let mut take = |entry: Entry| {
        let (verdict, is_known) = (judge(&entry), known(entry.0));
        window.take(entry, verdict, is_known, limit)
    };
    if through == END {
        // Forwards is faster, and right when there are not too many, as there mostly are not.
        let all = TIMELINE.collect(rows, KeyRange::newer(&prefix, after), Order::Ascending, limit.saturating_add(1))?;
        if all.len() <= limit {
            let newest_first = all.into_iter().rev().map(|((_, position), row)| (position, row));
            let _cut = newest_first.map(take).find(ControlFlow::is_break);
            window.shown.reverse();
            return Ok(window);
        }
    }
    let range = KeyRange::newer_through(&prefix, after, through);
    TIMELINE.scan(rows, range, Order::Descending, |(_, position), row| take((position, row)))?;
    window.shown.reverse();
    Ok(window)
}
