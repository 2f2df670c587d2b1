//! Redacts a PDU (spec: `PUT /rooms/{roomId}/redact/{eventId}/{txnId}`): a redaction, and what it leaves of the target.

use std::sync::Arc;

use ruma::{
    CanonicalJsonObject, OwnedEventId, OwnedUserId, RoomId,
    canonical_json::redact,
    events::{StateEventType, TimelineEventType},
};

use super::{
    build::{PduDraft, build_pdu},
    pdu::{Pdu, PduAdded, TransactionKey},
    pruned::PduPruned,
    state::RoomState,
};
use crate::{Command, Context, Decision, Fact, Rejection, Stream};

/// What is to be redacted: the fact that added it, as read from the log.
#[derive(Clone, Debug)]
pub struct RedactionTarget {
    /// Where it is in the log.
    pub position: u64,
    /// The PDU and its transaction.
    pub added: PduAdded,
}

/// Redacts a PDU, once for each transaction id.
#[derive(Clone, Debug)]
pub struct Redact {
    /// Who redacts.
    pub sender: OwnedUserId,
    /// The event to redact.
    pub event_id: OwnedEventId,
    /// The same as it was added; none when it was redacted before and nothing is left to prune.
    pub target: Option<RedactionTarget>,
    /// Why.
    pub reason: Option<String>,
    /// Makes a repeated request harmless.
    pub transaction: Option<TransactionKey>,
}

impl Command for Redact {
    type State = RoomState;
    type Reply = OwnedEventId;

    fn decide(self, state: &RoomState, context: &Context<'_>) -> Result<Decision<OwnedEventId>, Rejection> {
        if let Some(event_id) = self.transaction.as_ref().and_then(|key| state.transaction(key)) {
            return Ok(Decision::AlreadyDone(event_id.clone()));
        }
        let room_id = state.id()?.clone();
        if let Some(target) = &self.target {
            check_target(state, &room_id, &self.sender, &target.added.pdu)?;
        }
        let draft = PduDraft {
            sender: self.sender,
            event_type: TimelineEventType::RoomRedaction,
            state_key: None,
            content: content(state, &self.event_id, self.reason)?,
            redacts: Some(self.event_id),
        };
        let pdu = build_pdu(state, draft, context)?;
        let event_id = pdu.event_id.clone();
        let mut facts = Vec::with_capacity(2);
        if let Some(RedactionTarget { position, added }) = self.target {
            facts.push(Fact::PduPruned(PduPruned {
                pdu: prune(state, &added.pdu)?,
                transaction: added.transaction,
                target_position: position,
                redacted_by: event_id.clone(),
            }));
        }
        facts.insert(0, Fact::PduAdded(PduAdded { pdu, transaction: self.transaction }));
        Ok(Decision::accept(&Stream::Room(room_id), facts, event_id))
    }
}

/// Spec, room version 3 "Handling redactions": one's own events, or those of others with the power for it.
fn check_target(state: &RoomState, room_id: &RoomId, sender: &OwnedUserId, target: &Pdu) -> Result<(), Rejection> {
    if target.room_id != *room_id {
        return Err(Rejection::not_found("There is no such event in this room."));
    }
    if target.sender != *sender && !state.power_levels()?.user_can_redact_event_of_other(sender) {
        return Err(Rejection::forbidden("You may redact only what you have sent yourself in this room."));
    }
    match target.event_type {
        TimelineEventType::RoomCreate => Err(Rejection::forbidden("The creation of a room cannot be redacted.")),
        TimelineEventType::RoomEncryption
            if state.get(&StateEventType::RoomEncryption, "").is_some_and(|pdu| pdu.event_id == target.event_id) =>
        {
            Err(Rejection::forbidden("The encryption of a room cannot be turned off."))
        }
        _ => Ok(()),
    }
}

fn content(state: &RoomState, redacts: &OwnedEventId, reason: Option<String>) -> Result<CanonicalJsonObject, Rejection> {
    let mut content = CanonicalJsonObject::new();
    if state.rules()?.redaction.content_field_redacts {
        content.insert("redacts".to_owned(), redacts.to_string().into());
    }
    if let Some(reason) = reason {
        content.insert("reason".to_owned(), reason.into());
    }
    Ok(content)
}

/// What the redaction algorithm of the room's version leaves. Hashes and signatures of the PDU stay valid.
fn prune(state: &RoomState, pdu: &Pdu) -> Result<Arc<Pdu>, Rejection> {
    let cannot = |_| Rejection::unknown("The event cannot be redacted.");
    let object: CanonicalJsonObject = serde_json::from_str(pdu.json.get()).map_err(cannot)?;
    let pruned = redact(object, &state.rules()?.redaction, None)
        .map_err(|error| Rejection::unknown(format!("The event cannot be redacted: {error}.")))?;
    let json = serde_json::value::to_raw_value(&pruned).map_err(cannot)?;
    let pruned = Pdu::parse(pdu.event_id.clone(), json)
        .map_err(|error| Rejection::unknown(format!("The event cannot be redacted: {error}.")))?;
    Ok(Arc::new(pruned))
}
