//! Says how far a person has read (spec: `POST /rooms/{roomId}/receipt/{receiptType}/{eventId}` and
//! `POST /rooms/{roomId}/read_markers`).

use ruma::{EventId, OwnedEventId, OwnedRoomId, OwnedUserId, RoomId, events::room::member::MembershipState};

use super::{RECEIPTS_MAX, RECEIPTS_PER_REQUEST_MAX, ReceiptKind, ReceiptSet, slot};
use crate::{
    Command, Context, Decision, Fact, Rejection,
    room::not_in_room,
    user::{
        UserState,
        data::{AccountDataSet, FULLY_READ},
    },
};

/// The longest thread id; they are event ids.
const THREAD_BYTES_MAX: usize = 255;

/// Says how far a person has read a room that they are in. A receipt that is behind the one before it changes nothing.
#[derive(Clone, Debug)]
pub struct MarkRead {
    /// Who has read.
    pub user_id: OwnedUserId,
    /// The room.
    pub room_id: OwnedRoomId,
    /// Receipts, each with its event.
    pub receipts: Vec<NewReceipt>,
    /// The event that the person's own marker stands at.
    pub fully_read: Option<OwnedEventId>,
}

/// One receipt to set.
#[derive(Clone, Debug)]
pub struct NewReceipt {
    /// Who may see it.
    pub kind: ReceiptKind,
    /// `main` or the id of a thread's root; none for the whole room.
    pub thread: Option<String>,
    /// Read up to here.
    pub event_id: OwnedEventId,
}

impl Command for MarkRead {
    type On = UserState;
    type Reply = ();

    fn key(&self) -> OwnedUserId {
        self.user_id.clone()
    }

    fn decide(self, state: &UserState, context: &Context<'_>) -> Result<Decision<()>, Rejection> {
        let user_id = state.account.active()?;
        if context.lookup.membership(&self.room_id, user_id)? != Some(MembershipState::Join) {
            return Err(not_in_room());
        }
        if self.receipts.len() > RECEIPTS_PER_REQUEST_MAX {
            return Err(Rejection::invalid_param("One request sets at most 100 receipts."));
        }
        let position_of = |event_id: &EventId| -> Result<u64, Rejection> {
            let found = context.lookup.event(&self.room_id, event_id)?;
            Ok(found.ok_or_else(|| Rejection::not_found("The room has no such event."))?.position)
        };
        let mut facts = Vec::new();
        for receipt in self.receipts {
            let event_position = position_of(&receipt.event_id)?;
            if let Some(thread) = &receipt.thread {
                check_thread(context, &self.room_id, &receipt.event_id, thread)?;
            }
            match state.receipts.positions.get(&slot(&self.room_id, receipt.kind, receipt.thread.as_deref())) {
                Some(position) if *position >= event_position => continue,
                None if state.receipts.positions.len() >= RECEIPTS_MAX => {
                    return Err(Rejection::forbidden("The account has as many receipts as it may have."));
                }
                _ => {}
            }
            facts.push(Fact::ReceiptSet(ReceiptSet {
                user_id: user_id.clone(),
                room_id: self.room_id.clone(),
                kind: receipt.kind,
                thread: receipt.thread,
                event_id: receipt.event_id,
                event_position,
                ts_ms: context.now.0.into(),
            }));
        }
        if let Some(event_id) = self.fully_read {
            position_of(&event_id)?;
            let content = serde_json::value::to_raw_value(&serde_json::json!({ "event_id": event_id }))
                .map_err(|_| Rejection::bad_json("The marker has no JSON form."))?;
            let fact = AccountDataSet {
                user_id: user_id.clone(),
                room_id: Some(self.room_id),
                event_type: FULLY_READ.to_owned(),
                content,
            };
            facts.extend(state.data.change(fact)?);
        }
        if facts.is_empty() {
            return Ok(Decision::AlreadyDone(()));
        }
        Ok(Decision::accept(facts, ()))
    }
}

fn check_thread(context: &Context<'_>, room: &RoomId, event_id: &EventId, thread: &str) -> Result<(), Rejection> {
    if thread.is_empty() || thread.len() > THREAD_BYTES_MAX {
        return Err(Rejection::invalid_param("A thread id has 1 to 255 bytes."));
    }
    if !context.lookup.is_of_thread(room, event_id, thread)? {
        return Err(Rejection::invalid_param("The event is not in that thread."));
    }
    Ok(())
}
