//! Which events relate to which (`m.relates_to`): edits, threads, references, reactions.
//!
//! Only rows of events that still have their relation are kept: a redaction takes the relation away.

use std::ops::ControlFlow;

use domain::room::{Pdu, RelatesTo};
use projection::{Batch, KeyRange, Order, Rows, ViewFault};
use ruma::{EventId, OwnedEventId, RoomId};

use super::{
    relation::Relation,
    tables::{EDITS, EVENTS, RELATIONS, THREADS, TIMELINE},
};

/// How many events related to one event are looked at for one answer.
pub const RELATED_MAX: usize = 5_000;
/// How far a relation of a relation is followed (spec: at least 3).
const DEPTH_MAX: usize = 3;

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

impl RelationFilter<'_> {
    /// Whether `relation` is one that is asked for.
    #[must_use]
    pub fn wants(&self, relation: &Relation) -> bool {
        self.rel_type.is_none_or(|wanted| wanted == relation.rel_type)
            && self.event_type.is_none_or(|wanted| wanted == relation.event_type)
    }
}

pub(super) fn remember(batch: &mut Batch<'_>, pdu: &Pdu, position: u64) -> Result<(), ViewFault> {
    let Some(RelatesTo { rel_type, event_id: parent }) = RelatesTo::of(&pdu.content) else {
        return Ok(());
    };
    let room = pdu.room_id.as_str();
    if rel_type == RelatesTo::THREAD {
        THREADS.put(batch, &(room, position), &parent)?;
    }
    if rel_type == RelatesTo::REPLACE && may_replace(batch, pdu, &parent)? {
        EDITS.put(batch, &(room, parent.as_str(), position), &())?;
    }
    let (event_id, event_type) = (pdu.event_id.clone(), pdu.event_type.to_string());
    let relation = Relation { event_id, rel_type, event_type, sender: pdu.sender.clone() };
    RELATIONS.put(batch, &(room, parent.as_str(), position), &relation)
}

/// The edited event stands before its edits: nobody knows its id sooner.
fn may_replace(batch: &Batch<'_>, edit: &Pdu, edited: &EventId) -> Result<bool, ViewFault> {
    let Some((room, position)) = EVENTS.get(batch, edited.as_str())? else {
        return Ok(false);
    };
    let row = TIMELINE.get(batch, &(room.as_str(), position))?;
    Ok(room == edit.room_id.as_str()
        && row.is_some_and(|row| row.sender == edit.sender && row.event_type == edit.event_type.to_string()))
}

/// Takes away the relation that the PDU at `position` had before it was pruned or expired, and the edits that it had. There is nothing
/// to take away when the PDU's payload was erased before it was folded: its edits found nothing that they could be of.
pub(super) fn forget(batch: &mut Batch<'_>, room: &str, event_id: &EventId, position: u64) -> Result<(), ViewFault> {
    EDITS.delete_all(batch, KeyRange::prefix(&(room, event_id.as_str())))?;
    let Some(row) = TIMELINE.get(&*batch, &(room, position))? else {
        return Ok(());
    };
    if let Some(RelatesTo { event_id: parent, .. }) = RelatesTo::of(&row.content) {
        RELATIONS.delete(batch, &(room, parent.as_str(), position))?;
        EDITS.delete(batch, &(room, parent.as_str(), position))?;
    }
    THREADS.delete(batch, &(room, position))
}

/// What relates to `parent`, oldest first, with positions; at most [`RELATED_MAX`].
///
/// # Errors
/// A [`ViewFault`] when rows cannot be read.
pub fn relations_of(
    rows: &dyn Rows,
    room: &RoomId,
    parent: &EventId,
    filter: RelationFilter<'_>,
) -> Result<Vec<(u64, Relation)>, ViewFault> {
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
    found.retain(|(_, relation)| filter.wants(relation));
    found.sort_by_key(|(position, _)| *position);
    found.dedup_by_key(|(position, _)| *position);
    Ok(found)
}

/// Where a walk through what relates to one event begins, where it ends, and its order.
#[derive(Clone, Copy, Debug)]
pub struct Walk {
    /// Oldest or newest first.
    pub order: Order,
    /// Only positions after this one.
    pub after: u64,
    /// Only positions up to and with this one.
    pub through: u64,
}

/// Visits what relates to `parent` itself, with positions, until `visit` breaks. What it costs is up to `visit`.
///
/// # Errors
/// A [`ViewFault`] when rows cannot be read.
pub fn visit_related(
    rows: &dyn Rows,
    room: &RoomId,
    parent: &EventId,
    walk: Walk,
    mut visit: impl FnMut(u64, Relation) -> ControlFlow<()>,
) -> Result<(), ViewFault> {
    let Walk { order, after, through } = walk;
    let prefix = (room.as_str(), parent.as_str());
    let range = match order {
        Order::Ascending if after > 0 => KeyRange::prefix_after(&prefix, &(room.as_str(), parent.as_str(), after)),
        Order::Descending if through < u64::MAX => {
            KeyRange::prefix_through(&prefix, &(room.as_str(), parent.as_str(), through))
        }
        _ => KeyRange::prefix(&prefix),
    };
    RELATIONS.scan(rows, range, order, |(_, _, position), relation| {
        if position <= after || position > through { ControlFlow::Break(()) } else { visit(position, relation) }
    })
}

/// The newest `limit` events that relate to `parent` itself, oldest first, with positions.
///
/// # Errors
/// A [`ViewFault`] when rows cannot be read.
pub fn newest_relations(
    rows: &dyn Rows,
    room: &RoomId,
    parent: &EventId,
    limit: usize,
) -> Result<Vec<(u64, Relation)>, ViewFault> {
    let range = KeyRange::prefix(&(room.as_str(), parent.as_str()));
    let newest = RELATIONS.collect(rows, range, Order::Descending, limit)?;
    Ok(newest.into_iter().rev().map(|((_, _, position), relation)| (position, relation)).collect())
}

/// The positions of the newest `limit` edits of `edited` that count, newest first.
///
/// # Errors
/// A [`ViewFault`] when rows cannot be read.
pub fn newest_edits(rows: &dyn Rows, room: &RoomId, edited: &EventId, limit: usize) -> Result<Vec<u64>, ViewFault> {
    let range = KeyRange::prefix(&(room.as_str(), edited.as_str()));
    let newest = EDITS.collect(rows, range, Order::Descending, limit)?;
    Ok(newest.into_iter().map(|((_, _, position), ())| position).collect())
}

/// Visits the replies of all threads of a room from position `through` backwards, with the roots of their threads, until
/// `visit` breaks.
///
/// # Errors
/// A [`ViewFault`] when rows cannot be read, or the one that `visit` gives.
pub fn replies_through(
    rows: &dyn Rows,
    room: &RoomId,
    through: u64,
    mut visit: impl FnMut(u64, OwnedEventId) -> Result<ControlFlow<()>, ViewFault>,
) -> Result<(), ViewFault> {
    let room = room.as_str();
    let range = KeyRange::prefix_through(&(room,), &(room, through));
    let mut outcome = Ok(());
    THREADS.scan(rows, range, Order::Descending, |(_, position), root| {
        visit(position, root).unwrap_or_else(|fault| {
            outcome = Err(fault);
            ControlFlow::Break(())
        })
    })?;
    outcome
}

/// The position of the newest event that relates to `parent` and that `is_wanted`, among the newest [`RELATED_MAX`].
///
/// # Errors
/// A [`ViewFault`] when rows cannot be read.
pub fn newest_related(
    rows: &dyn Rows,
    room: &RoomId,
    parent: &EventId,
    is_wanted: impl Fn(&(u64, Relation)) -> bool,
) -> Result<Option<u64>, ViewFault> {
    let (mut newest, mut looked_at) = (None, 0);
    let walk = Walk { order: Order::Descending, after: 0, through: u64::MAX };
    visit_related(rows, room, parent, walk, |position, relation| {
        looked_at += 1;
        newest = is_wanted(&(position, relation)).then_some(position);
        if newest.is_some() || looked_at == RELATED_MAX { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    Ok(newest)
}
