//! In which thread an event is (spec: "Threading").

use domain::room::RelatesTo;
use projection::{Rows, ViewFault};
use ruma::{EventId, OwnedEventId, RoomId};

use super::{relations::newest_related, timeline::entry_of};

/// How far a relation is followed to find out in which thread an event is (spec: at least 3).
const HOPS_MAX: usize = 3;
/// The thread id of what is in no thread.
pub(crate) const MAIN: &str = "main";

/// The root of the thread that an event is in: the one that it names, or that what it relates to is in. None for what is in no thread,
/// and for roots.
///
/// # Errors
/// A [`ViewFault`] when rows cannot be read.
pub fn thread_of(rows: &dyn Rows, room: &RoomId, event_id: &EventId) -> Result<Option<OwnedEventId>, ViewFault> {
    Ok(climb(rows, room, event_id, HOPS_MAX)?.0)
}

/// The root of the thread that an event is in which relates to this one, but names no thread itself. It is a step on the way, so that both
/// ways of asking go as far.
///
/// # Errors
/// A [`ViewFault`] when rows cannot be read.
pub(crate) fn thread_by(rows: &dyn Rows, room: &RoomId, related: &EventId) -> Result<Option<OwnedEventId>, ViewFault> {
    Ok(climb(rows, room, related, HOPS_MAX - 1)?.0)
}

/// Whether a receipt for an event may be of a thread: of the one that it is in, or of one that begins with it or with what it relates to.
/// What is in no thread is in `main`. Where a redacted event was, nobody can tell any more: it may be in any.
///
/// # Errors
/// A [`ViewFault`] when rows cannot be read.
pub fn is_of_thread(rows: &dyn Rows, room: &RoomId, event_id: &EventId, thread: &str) -> Result<bool, ViewFault> {
    let is_redacted = entry_of(rows, room, event_id)?.is_some_and(|(_, row)| row.redacted_by.is_some());
    let (root, passed) = climb(rows, room, event_id, HOPS_MAX)?;
    if thread == MAIN {
        return Ok(root.is_none());
    }
    let Ok(thread) = <&EventId>::try_from(thread) else { return Ok(false) };
    if let Some(root) = root {
        return Ok(root == thread);
    }
    if !is_redacted && !passed.iter().any(|passed| passed == thread) {
        return Ok(false);
    }
    Ok(newest_related(rows, room, thread, |(_, relation)| relation.rel_type == RelatesTo::THREAD)?.is_some())
}

/// Goes from an event to what it relates to, and on, so many steps at most, until a thread is named. Gives its root, and the events that
/// were passed.
fn climb(
    rows: &dyn Rows,
    room: &RoomId,
    event_id: &EventId,
    hops: usize,
) -> Result<(Option<OwnedEventId>, Vec<OwnedEventId>), ViewFault> {
    let mut passed = vec![event_id.to_owned()];
    for _ in 0..=hops {
        let Some(event_id) = passed.last() else { break };
        let Some((_, row)) = entry_of(rows, room, event_id)? else { break };
        match RelatesTo::of(&row.content) {
            Some(RelatesTo { rel_type, event_id }) if rel_type == RelatesTo::THREAD => return Ok((Some(event_id), passed)),
            Some(RelatesTo { event_id, .. }) => passed.push(event_id),
            None => break,
        }
    }
    Ok((None, passed))
}
