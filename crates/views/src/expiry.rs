//! View `expiry`: which rooms have messages whose moment has passed, or is next. What goes with them is folded by the
//! views that show messages; nothing in here knows what time it is.

#[cfg(test)]
mod tests;

use std::ops::ControlFlow;

use domain::{Area, Fact, RoomFact, room::PduExpirySet};
use projection::{Batch, Fold, KeyRange, Order, Place, Rows, Table, ViewFault};
use ruma::OwnedRoomId;

use crate::{Audience, Touched};

const VIEW: u8 = 12;

/// (Moment in milliseconds since the epoch, position) → room: messages that wait for their moment.
const MOMENTS: Table<(u64, u64), OwnedRoomId> = Table::new(VIEW, 1);
/// Position → moment: the same the other way round.
const POSITIONS: Table<u64, u64> = Table::new(VIEW, 2);

/// The view's fold.
#[derive(Debug, Default)]
pub struct ExpiryView;

impl Fold<Fact, Audience> for ExpiryView {
    fn name(&self) -> &'static str {
        "expiry"
    }

    fn view(&self) -> u8 {
        VIEW
    }

    fn version(&self) -> u32 {
        1
    }

    fn fold(&self, batch: &mut Batch<'_>, _: &mut Touched, fact: &Fact, _: &Place) -> Result<(), ViewFault> {
        match fact.area() {
            Area::Room(fact) => match fact {
                RoomFact::PduExpirySet(set) => remember(batch, set),
                RoomFact::PduExpired(expired) => forget(batch, expired.target.position),
                RoomFact::PduPruned(pruned) => forget(batch, pruned.target_position),
                RoomFact::PduErased(erased) => forget(batch, erased.target_position),
                RoomFact::PduAdded(_) | RoomFact::RoomUpgraded(_) | RoomFact::RoomForgotten(_) | RoomFact::ReceiptSet(_) => {
                    Ok(())
                }
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

/// A moment that is set anew is earlier than the one before: the rules see to that.
fn remember(batch: &mut Batch<'_>, set: &PduExpirySet) -> Result<(), ViewFault> {
    let position = set.target.position;
    forget(batch, position)?;
    POSITIONS.put(batch, &position, &set.expires_at_ms)?;
    MOMENTS.put(batch, &(set.expires_at_ms, position), &set.target.room_id)
}

fn forget(batch: &mut Batch<'_>, position: u64) -> Result<(), ViewFault> {
    if let Some(moment) = POSITIONS.get(batch, &position)? {
        POSITIONS.delete(batch, &position)?;
        MOMENTS.delete(batch, &(moment, position))?;
    }
    Ok(())
}

/// The next moment, in milliseconds since the epoch; none when no message waits for one.
///
/// # Errors
/// Storage failed.
pub fn next_moment(rows: &dyn Rows) -> Result<Option<u64>, ViewFault> {
    let first = MOMENTS.collect_keys(rows, KeyRange::whole(), Order::Ascending, 1)?;
    Ok(first.first().map(|(moment, _)| *moment))
}

/// Rooms with messages whose moment has passed at `now_ms`, at most `limit`, each once.
///
/// # Errors
/// Storage failed.
pub fn due_rooms(rows: &dyn Rows, now_ms: u64, limit: usize) -> Result<Vec<OwnedRoomId>, ViewFault> {
    let mut rooms: Vec<OwnedRoomId> = Vec::new();
    MOMENTS.scan(rows, KeyRange::between(&(0_u64,), &(now_ms.saturating_add(1),)), Order::Ascending, |_, room| {
        if !rooms.contains(&room) {
            rooms.push(room);
        }
        if rooms.len() < limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    Ok(rooms)
}
