//! The timelines and the state of rooms, by position in the log.
//!
//! Every row is a function of one PDU and its position, and "which is newest" is the largest position, never the last
//! write. So it makes no difference whether a redacted PDU was folded when it was sent or, its payload being erased,
//! only when it was redacted.

mod info;
mod power;
mod relations;
mod render;
mod row;
mod search;
mod state;
mod stripped;
#[cfg(test)]
mod tests;
mod timeline;

use domain::{
    Area, Fact, RoomFact,
    room::{ExpiryTarget, Pdu, PduAdded, TransactionKey},
};
use projection::{Batch, Fault, Fold, Place, Table};
use ruma::{EventId, OwnedEventId};

use crate::{Audience, Touched};

pub use info::{RoomInfo, room_info};
pub use power::power_levels_of;
pub use relations::{RELATED_MAX, Relation, RelationFilter, THREAD_PAGE_ROWS_MAX, ThreadScope, relations_of, thread_roots};
pub use render::{Viewer, render, render_state};
pub use row::TimelineRow;
pub use search::nearest_to_time;
pub use state::{StateKey, current_state, state_at, state_changes, state_event, state_event_at, state_history};
pub use stripped::stripped_state;
pub use timeline::{
    Entry, Since, entry_at, entry_of, entry_of_event, has_newer, may_have_newer, newest_position, oldest_position,
    timeline_after, timeline_before, timeline_since,
};

const VIEW: u8 = 1;

/// (room, position) to the PDU as clients see it.
const TIMELINE: Table<(String, u64), TimelineRow> = Table::by_position(VIEW, 1);
/// Event id to room and position.
const EVENTS: Table<String, (String, u64)> = Table::new(VIEW, 2);
/// (room, type, state key) to the position of the current state.
const CURRENT: Table<(String, String, String), u64> = Table::new(VIEW, 3);
/// (room, type, state key, position): every state that ever was.
const HISTORY: Table<(String, String, String, u64), ()> = Table::new(VIEW, 4);
/// (room, position) to type and state key: the same by position.
const CHANGES: Table<(String, u64), (String, String)> = Table::by_position(VIEW, 5);

/// Folds PDUs into timelines and state.
#[derive(Debug, Default)]
pub struct RoomsView;

impl Fold<Fact, Audience> for RoomsView {
    fn name(&self) -> &'static str {
        "rooms"
    }

    fn view(&self) -> u8 {
        VIEW
    }

    fn version(&self) -> u32 {
        2
    }

    fn fold(&self, batch: &mut Batch<'_>, touched: &mut Touched, fact: &Fact, place: &Place) -> Result<(), Fault> {
        match fact.area() {
            Area::Room(fact) => match fact {
                RoomFact::PduAdded(PduAdded { pdu, transaction }) => {
                    touched.touch(|| Audience::Room(pdu.room_id.clone()));
                    write_pdu(batch, place.position.0, pdu, transaction.clone(), None)
                }
                // Nobody is told of an expiry: clients know of it already.
                RoomFact::PduExpired(expired) => delete_message(batch, &expired.target),
                // Nor of this: the redaction is a PDU as well, and tells.
                RoomFact::PduPruned(pruned) => {
                    let redacted_by = Some(pruned.redacted_by.clone());
                    relations::forget(batch, pruned.pdu.room_id.as_str(), pruned.target_position)?;
                    write_pdu(batch, pruned.target_position, &pruned.pdu, pruned.transaction.clone(), redacted_by)
                }
                RoomFact::PduExpirySet(_)
                | RoomFact::RoomUpgraded(_)
                | RoomFact::RoomForgotten(_)
                | RoomFact::ReceiptSet(_) => Ok(()),
            },
            Area::Directory(_)
            | Area::Account(_)
            | Area::Ending(_)
            | Area::Data(_)
            | Area::Media(_)
            | Area::Keys(_)
            | Area::Inbox(_)
            | Area::Backup(_)
            | Area::Outbox(_) => Ok(()),
        }
    }
}

fn write_pdu(
    batch: &mut Batch<'_>,
    position: u64,
    pdu: &Pdu,
    transaction: Option<TransactionKey>,
    redacted_by: Option<OwnedEventId>,
) -> Result<(), Fault> {
    let room = pdu.room_id.as_str();
    relations::remember(batch, pdu, position)?;
    TIMELINE.put(batch, &(room, position), &TimelineRow::new(pdu, transaction, redacted_by))?;
    EVENTS.put(batch, pdu.event_id.as_str(), &(room.to_owned(), position))?;
    if let Some(state_key) = pdu.state_key.as_deref() {
        let event_type = pdu.event_type.to_string();
        HISTORY.put(batch, &(room, event_type.as_str(), state_key, position), &())?;
        CHANGES.put(batch, &(room, position), &(event_type.clone(), state_key.to_owned()))?;
        let slot = (room, event_type.as_str(), state_key);
        if CURRENT.get(batch, &slot)?.is_none_or(|current| current <= position) {
            CURRENT.put(batch, &slot, &position)?;
        }
    }
    Ok(())
}

/// Messages have rows here and among the relations; only state has others. When folding anew there is nothing to delete.
fn delete_message(batch: &mut Batch<'_>, target: &ExpiryTarget) -> Result<(), Fault> {
    let room = target.room_id.as_str();
    relations::forget(batch, room, target.position)?;
    TIMELINE.delete(batch, &(room, target.position))?;
    EVENTS.delete(batch, target.event_id.as_str())
}

/// Where an event is: its room and position.
///
/// # Errors
/// A [`Fault`] when rows cannot be read.
pub fn place_of(rows: &dyn projection::Rows, event_id: &EventId) -> Result<Option<(String, u64)>, Fault> {
    EVENTS.get(rows, event_id.as_str())
}
