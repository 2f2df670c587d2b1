//! The view's tables.

use projection::Table;
use ruma::OwnedEventId;

use super::{relation::Relation, row::TimelineRow};

pub(super) const VIEW: u8 = 1;

/// (room, position) to the PDU as clients see it.
pub(super) const TIMELINE: Table<(String, u64), TimelineRow> = Table::by_position(VIEW, 1);
/// Event id to room and position.
pub(super) const EVENTS: Table<String, (String, u64)> = Table::new(VIEW, 2);
/// (room, type, state key) to the position of the current state.
pub(super) const CURRENT: Table<(String, String, String), u64> = Table::new(VIEW, 3);
/// (room, type, state key, position): every state that ever was.
pub(super) const HISTORY: Table<(String, String, String, u64), ()> = Table::new(VIEW, 4);
/// (room, position) to type and state key: the same by position.
pub(super) const CHANGES: Table<(String, u64), (String, String)> = Table::by_position(VIEW, 5);
/// (room, parent event, position of the child) to the relation.
pub(super) const RELATIONS: Table<(String, String, u64), Relation> = Table::new(VIEW, 6);
/// (room, edited event, position of the edit): edits that count, which are of the same person and type (spec: "Validity of replacement
/// events").
pub(super) const EDITS: Table<(String, String, u64), ()> = Table::new(VIEW, 8);
/// (room, position of a reply in a thread) to the thread's root.
pub(super) const THREADS: Table<(String, u64), OwnedEventId> = Table::new(VIEW, 7);
