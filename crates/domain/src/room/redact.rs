//! Redacts a PDU (spec: `PUT /rooms/{roomId}/redact/{eventId}/{txnId}`): a redaction, and what it leaves of the target.

use std::sync::Arc;

use ruma::{
    CanonicalJsonObject, OwnedEventId, OwnedRoomId, OwnedUserId,
    canonical_json::redact,
    events::{StateEventType, TimelineEventType},
};

use super::{
    build::{PduDraft, build_pdu},
    named_media::named_media,
    pdu::{Pdu, PduAdded, TransactionKey},
    pruned::PduPruned,
    state::RoomState,
};
use crate::{Command, Context, Decision, Fact, Rejection};

/// Redacts a PDU, once for each transaction id.
#[derive(Clone, Debug)]
pub struct Redact {
    /// The room.
    pub room_id: OwnedRoomId,
    /// Who redacts.
    pub sender: OwnedUserId,
    /// The event to redact.
    pub event_id: OwnedEventId,
    /// Why.
    pub reason: Option<String>,
    /// Makes a repeated request harmless.
    pub transaction: Option<TransactionKey>,
}

impl Command for Redact {
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
        let target = context.lookup.event(state.id()?, &self.event_id)?.ok_or_else(no_such_event)?;
        if let Some(added) = &target.added {
            check_target(state, &self.sender, &added.pdu)?;
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
        let mut facts = vec![Fact::PduAdded(PduAdded { pdu, transaction: self.transaction })];
        // What was redacted before has nothing left to prune.
        if let Some(added) = target.added {
            facts.push(Fact::PduPruned(PduPruned {
                media: if added.pdu.state_key.is_none() { named_media(&added.pdu) } else { Vec::new() },
                pdu: prune(state, &added.pdu)?,
                transaction: added.transaction,
                target_position: target.position,
                redacted_by: event_id.clone(),
            }));
        }
        Ok(Decision::accept(facts, event_id))
    }
}

/// Spec, room version 3 "Handling redactions": one's own events, or those of others with the power for it.
fn check_target(state: &RoomState, sender: &OwnedUserId, target: &Pdu) -> Result<(), Rejection> {
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

/// 404 `M_NOT_FOUND`.
fn no_such_event() -> Rejection {
    Rejection::not_found("There is no such event in this room.")
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
pub(super) fn prune(state: &RoomState, pdu: &Pdu) -> Result<Arc<Pdu>, Rejection> {
    let cannot = |_| Rejection::unknown("The event cannot be redacted.");
    let object: CanonicalJsonObject = serde_json::from_str(pdu.json.get()).map_err(cannot)?;
    let pruned = redact(object, &state.rules()?.redaction, None)
        .map_err(|error| Rejection::unknown(format!("The event cannot be redacted: {error}.")))?;
    let json = serde_json::value::to_raw_value(&pruned).map_err(cannot)?;
    let pruned = Pdu::parse(pdu.event_id.clone(), json)
        .map_err(|error| Rejection::unknown(format!("The event cannot be redacted: {error}.")))?;
    Ok(Arc::new(pruned))
}
