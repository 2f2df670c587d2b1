//! How facts change the view's rows.

use domain::{
    Area, Fact, RoomFact,
    room::{ExpiryTarget, Pdu, PduAdded, PduErased, TransactionKey},
};
use projection::{Batch, Fold, Place, ViewFault};
use ruma::OwnedEventId;

use super::{
    relations,
    row::TimelineRow,
    tables::{CHANGES, CURRENT, EVENTS, HISTORY, TIMELINE, VIEW},
};
use crate::{Audience, Touched};

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
        3
    }

    fn fold(&self, batch: &mut Batch<'_>, touched: &mut Touched, fact: &Fact, place: &Place) -> Result<(), ViewFault> {
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
                    let pdu: &Pdu = &pruned.pdu;
                    relations::forget(batch, pdu.room_id.as_str(), &pdu.event_id, pruned.target_position)?;
                    write_pdu(batch, pruned.target_position, &pruned.pdu, pruned.transaction.clone(), redacted_by)
                }
                // Nobody is told: what is left says what it said, but for the person who is forgotten.
                RoomFact::PduErased(PduErased { pdu, target_position, transaction, .. }) => {
                    relations::forget(batch, pdu.room_id.as_str(), &pdu.event_id, *target_position)?;
                    write_pdu(batch, *target_position, pdu, transaction.clone(), None)
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
) -> Result<(), ViewFault> {
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
fn delete_message(batch: &mut Batch<'_>, target: &ExpiryTarget) -> Result<(), ViewFault> {
    let room = target.room_id.as_str();
    relations::forget(batch, room, &target.event_id, target.position)?;
    TIMELINE.delete(batch, &(room, target.position))?;
    EVENTS.delete(batch, target.event_id.as_str())
}
