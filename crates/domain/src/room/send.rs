//! Sends a message event to a room (spec: `PUT /rooms/{roomId}/send/{eventType}/{txnId}`).

use ruma::{CanonicalJsonObject, OwnedEventId, OwnedRoomId, OwnedUserId, events::TimelineEventType};

use super::{
    build::{PduDraft, build_pdu},
    in_clear,
    pdu::{PduAdded, TransactionKey},
    state::RoomState,
};
use crate::{Command, Context, Decision, Fact, Rejection};

/// Sends a message event to a room, once for each transaction id.
#[derive(Clone, Debug)]
pub struct SendMessage {
    /// The room.
    pub room_id: OwnedRoomId,
    /// Who sends.
    pub sender: OwnedUserId,
    /// The event's type.
    pub event_type: TimelineEventType,
    /// The event's content.
    pub content: CanonicalJsonObject,
    /// Makes a repeated request harmless.
    pub transaction: Option<TransactionKey>,
}

impl Command for SendMessage {
    type On = RoomState;
    type Reply = OwnedEventId;

    fn key(&self) -> OwnedRoomId {
        self.room_id.clone()
    }

    fn decide(self, state: &RoomState, context: &Context<'_>) -> Result<Decision<OwnedEventId>, Rejection> {
        self.transaction.as_ref().map_or(Ok(()), TransactionKey::check)?;
        if let Some(event_id) = self.transaction.as_ref().and_then(|key| state.transaction(key)) {
            return Ok(Decision::AlreadyDone(event_id.clone()));
        }
        if context.policy.require_encryption && !in_clear::is_allowed(&self.event_type, &self.content) {
            return Err(Rejection::forbidden(
                "This server takes messages only end-to-end encrypted. Turn on encryption in your client and send again.",
            ));
        }
        let draft = PduDraft {
            sender: self.sender,
            event_type: self.event_type,
            state_key: None,
            content: self.content,
            redacts: None,
        };
        let pdu = build_pdu(state, draft, context)?;
        let event_id = pdu.event_id.clone();
        Ok(Decision::accept([Fact::PduAdded(PduAdded { pdu, transaction: self.transaction })], event_id))
    }
}
