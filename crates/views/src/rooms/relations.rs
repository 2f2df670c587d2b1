//! Which events relate to which (`m.relates_to`): edits, threads, references, reactions.
//!
//! Only rows of events that still have their relation are kept: a redaction takes the relation away.

use std::ops::ControlFlow;

use domain::room::{Pdu, RelatesTo};
use projection::{Batch, Fault, KeyRange, Order, Rows, Table};
use ruma::{EventId, OwnedEventId, OwnedUserId, RoomId, UserId};
use serde::{Deserialize, Serialize};

use super::VIEW;
use crate::membership::Sight;

/// (room, parent event, position of the child) to the relation.
pub(super) const RELATIONS: Table<(String, String, u64), Relation> = Table::new(VIEW, 6);
/// (room, position of a reply in a thread) to the thread's root.
pub(super) const THREADS: Table<(String, u64), OwnedEventId> = Table::new(VIEW, 7);

/// How many events related to one event are looked at.
pub const RELATED_MAX: usize = 5_000;
/// How far a relation of a relation is followed (spec: at least 3).
const DEPTH_MAX: usize = 3;
/// How many replies are looked at to fill one page of threads.
pub const THREAD_PAGE_ROWS_MAX: usize = 10_000;

/// That one event relates to another.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Relation {
    /// The event that has the relation.
    pub event_id: OwnedEventId,
    /// For example `m.thread`.
    pub rel_type: String,
    /// The type of the event that has the relation.
    pub event_type: String,
    /// Who sent it.
    pub sender: OwnedUserId,
}

/// Which relations are asked for; an empty filter asks for all.
#[derive(Clone, Copy, Debug, Default)]
pub struct RelationFilter<'a> {
    /// Only this relation.
    pub rel_type: Option<&'a str>,
    /// Only events of this type.
    pub event_type: Option<&'a str>,
    /// Also what relates to what relates to it.
    pub recurse: bool,
}

/// Which threads are listed.
#[derive(Clone, Copy, Debug)]
pub enum ThreadScope<'a> {
    /// Every thread.
    All,
    /// Those that this user wrote in.
    Participated(&'a UserId),
}

pub(super) fn remember(batch: &mut Batch<'_>, pdu: &Pdu, position: u64) -> Result<(), Fault> {
    let Some(RelatesTo { rel_type, event_id: parent }) = RelatesTo::of(&pdu.content) else {
        return Ok(());
    };
    let room = pdu.room_id.as_str();
    if rel_type == RelatesTo::THREAD {
        THREADS.put(batch, &(room, position), &parent)?;
    }
    let (event_id, event_type) = (pdu.event_id.clone(), pdu.event_type.to_string());
    let relation = Relation { event_id, rel_type, event_type, sender: pdu.sender.clone() };
    RELATIONS.put(batch, &(room, parent.as_str(), position), &relation)
}

/// Takes away the relation that the PDU at `position` had before it was pruned or expired. There is none to take away when
/// the PDU's payload was erased before it was folded.
pub(super) fn forget(batch: &mut Batch<'_>, room: &str, position: u64) -> Result<(), Fault> {
    let Some(row) = super::TIMELINE.get(&*batch, &(room, position))? else {
        return Ok(());
    };
    if let Some(RelatesTo { event_id: parent, .. }) = RelatesTo::of(&row.content) {
        RELATIONS.delete(batch, &(room, parent.as_str(), position))?;
    }
    THREADS.delete(batch, &(room, position))
}

/// What relates to `parent`, oldest first, with positions; at most [`RELATED_MAX`].
///
/// # Errors
/// A [`Fault`] when rows cannot be read.
pub fn relations_of(
    rows: &dyn Rows,
    room: &RoomId,
    parent: &EventId,
    filter: RelationFilter<'_>,
) -> Result<Vec<(u64, Relation)>, Fault> {
    let mut found = Vec::new();
    let mut parents = vec![parent.to_owned()];
    for _ in 0..if filter.recurse { DEPTH_MAX } else { 1 } {
        let mut children = Vec::new();
        for parent in &parents {
            let range = KeyRange::prefix(&(room.as_str(), parent.as_str()));
            let left = RELATED_MAX.saturating_sub(found.len());
            for ((_, _, position), relation) in RELATIONS.collect(rows, range, Order::Ascending, left)? {
                children.push(relation.event_id.clone());
                found.push((position, relation));
            }
        }
        parents = children;
    }
    found.retain(|(_, relation)| {
        filter.rel_type.is_none_or(|wanted| wanted == relation.rel_type)
            && filter.event_type.is_none_or(|wanted| wanted == relation.event_type)
    });
    found.sort_by_key(|(position, _)| *position);
    found.dedup_by_key(|(position, _)| *position);
    Ok(found)
}

/// The roots of a room's threads that `sight` has replies of, the one with the newest such reply first, each with the
/// position of that reply. Those whose newest reply is at or before position `through`; at most `limit`.
///
/// # Errors
/// A [`Fault`] when rows cannot be read.
pub fn thread_roots(
    rows: &dyn Rows,
    room: &RoomId,
    sight: &Sight,
    scope: ThreadScope<'_>,
    through: u64,
    limit: usize,
) -> Result<Vec<(u64, OwnedEventId)>, Fault> {
    let room_key = room.as_str();
    let range = KeyRange::prefix_through(&(room_key,), &(room_key, through));
    let mut roots = Vec::new();
    let mut looked_at = 0;
    let mut outcome = Ok(());
    THREADS.scan(rows, range, Order::Descending, |(_, position), root| {
        looked_at += 1;
        match listed_here(rows, room, sight, scope, &root, position) {
            Ok(true) => roots.push((position, root)),
            Ok(false) => {}
            Err(fault) => {
                outcome = Err(fault);
                return ControlFlow::Break(());
            }
        }
        if roots.len() < limit && looked_at < THREAD_PAGE_ROWS_MAX {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    })?;
    outcome.map(|()| roots)
}

/// A thread is listed where the newest reply is that may be seen, and nowhere else.
fn listed_here(
    rows: &dyn Rows,
    room: &RoomId,
    sight: &Sight,
    scope: ThreadScope<'_>,
    root: &EventId,
    position: u64,
) -> Result<bool, Fault> {
    if !sight.may_see(position) || newest_reply(rows, room, sight, root)? != Some(position) {
        return Ok(false);
    }
    let ThreadScope::Participated(user) = scope else {
        return Ok(true);
    };
    if super::timeline::entry_of(rows, room, root)?.is_some_and(|(_, row)| row.sender == user) {
        return Ok(true);
    }
    let filter = RelationFilter { rel_type: Some(RelatesTo::THREAD), ..RelationFilter::default() };
    let replies = relations_of(rows, room, root, filter)?;
    Ok(replies.iter().any(|(position, reply)| reply.sender == user && sight.may_see(*position)))
}

/// Where the newest reply of a thread is that may be seen: found from behind, so that long threads cost no more than
/// short ones.
fn newest_reply(rows: &dyn Rows, room: &RoomId, sight: &Sight, root: &EventId) -> Result<Option<u64>, Fault> {
    let mut newest = None;
    let range = KeyRange::prefix(&(room.as_str(), root.as_str()));
    RELATIONS.scan(rows, range, Order::Descending, |(_, _, position), relation| {
        if relation.rel_type == RelatesTo::THREAD && sight.may_see(position) {
            newest = Some(position);
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    })?;
    Ok(newest)
}
