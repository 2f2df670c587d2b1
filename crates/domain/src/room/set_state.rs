//! Sets a piece of state (spec: `PUT /rooms/{roomId}/state/{eventType}/{stateKey}`).

use ruma::{CanonicalJsonObject, OwnedEventId, OwnedRoomId, OwnedUserId, events::StateEventType};

use super::{
    build::{PduDraft, build_pdu},
    encryption::ensure_stays_encrypted,
    main_alias::check_main_alias,
    pdu::PduAdded,
    state::RoomState,
};
use crate::{Command, Context, Decision, Fact, Rejection};

/// Sets a piece of state. Setting what the same user has set already changes nothing.
#[derive(Clone, Debug)]
pub struct SetState {
    /// The room.
    pub room_id: OwnedRoomId,
    /// Who sets it.
    pub sender: OwnedUserId,
    /// The event's type.
    pub event_type: StateEventType,
    /// Its state key.
    pub state_key: String,
    /// Its content.
    pub content: CanonicalJsonObject,
}

impl Command for SetState {
    type On = RoomState;
    type Reply = OwnedEventId;

    fn key(&self) -> OwnedRoomId {
        self.room_id.clone()
    }

    fn decide(self, state: &RoomState, context: &Context<'_>) -> Result<Decision<OwnedEventId>, Rejection> {
        if self.event_type == StateEventType::RoomEncryption {
            ensure_stays_encrypted(state, &self.content, context.policy)?;
        }
        if self.event_type == StateEventType::RoomCanonicalAlias && self.state_key.is_empty() {
            check_main_alias(state, &self.content, context.lookup)?;
        }
        if let Some(current) = state.get(&self.event_type, &self.state_key)
            && current.sender == self.sender
            && current.content_as::<CanonicalJsonObject>().as_ref() == Some(&self.content)
        {
            return Ok(Decision::AlreadyDone(current.event_id.clone()));
        }
        let draft = PduDraft {
            sender: self.sender,
            event_type: self.event_type.to_string().into(),
            state_key: Some(self.state_key),
            content: self.content,
            redacts: None,
        };
        let pdu = build_pdu(state, draft, context)?;
        let event_id = pdu.event_id.clone();
        Ok(Decision::accept([Fact::PduAdded(PduAdded { pdu, transaction: None })], event_id))
    }
}
