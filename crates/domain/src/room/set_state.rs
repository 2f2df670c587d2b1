//! Sets a piece of state (spec: `PUT /rooms/{roomId}/state/{eventType}/{stateKey}`).

use ruma::{CanonicalJsonObject, OwnedEventId, OwnedUserId, events::StateEventType};

use super::{
    build::{PduDraft, build_pdu},
    encryption::ensure_stays_encrypted,
    pdu::PduAdded,
    state::RoomState,
};
use crate::{Command, Context, Decision, Fact, Rejection, Stream};

/// Sets a piece of state. Setting what the same user has set already changes nothing.
#[derive(Clone, Debug)]
pub struct SetState {
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
    type State = RoomState;
    type Reply = OwnedEventId;

    fn decide(self, state: &RoomState, context: &Context<'_>) -> Result<Decision<OwnedEventId>, Rejection> {
        let stream = Stream::Room(state.id()?.clone());
        if self.event_type == StateEventType::RoomEncryption {
            ensure_stays_encrypted(state, &self.content, context.policy)?;
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
        Ok(Decision::accept(&stream, [Fact::PduAdded(PduAdded { pdu, transaction: None })], event_id))
    }
}
