//! Takes what a person said, and what is said of them, out of a room, because their account is to be erased.

use ruma::{CanonicalJsonObject, OwnedEventId, OwnedRoomId, OwnedUserId, UserId, events::TimelineEventType};

use super::{
    erased::PduErased,
    expiry::{ExpiryTarget, PduExpired},
    pdu::{Pdu, PduAdded},
    redact::prune,
    state::RoomState,
};
use crate::{Command, Context, Decision, Fact, Rejection, user::erasure::not_to_be_erased};

/// Events that one command looks at.
pub const ERASED_IN_ROOM_MAX: usize = 200;

/// Erases events of a person: their messages wholly, and of memberships and redactions what a redaction would take. What they set up in
/// the room, such as its name, is the room's.
#[derive(Clone, Debug)]
pub struct ErasePerson {
    /// The room.
    pub room_id: OwnedRoomId,
    /// Whose account; it was closed to be erased.
    pub user_id: OwnedUserId,
    /// Events that may be theirs, at most [`ERASED_IN_ROOM_MAX`]. Others stay as they are.
    pub event_ids: Vec<OwnedEventId>,
}

impl Command for ErasePerson {
    type On = RoomState;
    type Reply = ();

    fn key(&self) -> OwnedRoomId {
        self.room_id.clone()
    }

    fn decide(self, state: &RoomState, context: &Context<'_>) -> Result<Decision<()>, Rejection> {
        if self.event_ids.len() > ERASED_IN_ROOM_MAX {
            return Err(Rejection::too_large("So many events are not erased at once."));
        }
        if !context.lookup.is_to_be_erased(&self.user_id)? {
            return Err(not_to_be_erased());
        }
        let (room_id, mut facts) = (state.id()?, Vec::new());
        for event_id in &self.event_ids {
            let Some(found) = context.lookup.event(room_id, event_id)? else { continue };
            if let Some(added) = found.added {
                facts.extend(erased(state, &self.user_id, added, found.position)?);
            }
        }
        if facts.is_empty() {
            return Ok(Decision::AlreadyDone(()));
        }
        Ok(Decision::accept(facts, ()))
    }
}

/// What becomes of a PDU; nothing if it says nothing of the person, or is the room's.
fn erased(state: &RoomState, user_id: &UserId, added: PduAdded, position: u64) -> Result<Option<Fact>, Rejection> {
    let pdu = &added.pdu;
    let (is_theirs, is_redaction) = (pdu.sender == user_id, pdu.event_type == TimelineEventType::RoomRedaction);
    if is_theirs && pdu.state_key.is_none() && !is_redaction {
        return Ok(Some(Fact::PduExpired(PduExpired { target: ExpiryTarget::of(added, position) })));
    }
    let PduAdded { pdu, transaction } = added;
    if !(is_theirs && is_redaction || is_membership(&pdu, user_id)) {
        return Ok(None);
    }
    let pruned = prune(state, &pdu)?;
    if pruned.content.get() == pdu.content.get() {
        return Ok(None);
    }
    Ok(Some(Fact::PduErased(PduErased { pdu: pruned, target_position: position, transaction, user_id: user_id.to_owned() })))
}

/// Whether it is a membership of the person, whoever set it, or one that they set and gave a reason for.
fn is_membership(pdu: &Pdu, user_id: &UserId) -> bool {
    let has_reason = || pdu.content_as::<CanonicalJsonObject>().is_some_and(|content| content.contains_key("reason"));
    pdu.event_type == TimelineEventType::RoomMember
        && (pdu.state_key.as_deref() == Some(user_id.as_str()) || pdu.sender == user_id && has_reason())
}
