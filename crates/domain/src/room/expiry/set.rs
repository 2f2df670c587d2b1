//! Sets when a message is gone (`PUT /_matrix/client/unstable/org.hearth.expiry/rooms/{roomId}/event/{eventId}`).

use ruma::{
    OwnedUserId,
    api::error::{ErrorKind, LimitExceededErrorData},
    events::room::member::MembershipState,
};

use super::{ExpiryTarget, PduExpirySet};
use crate::{
    Command, Context, Decision, Fact, Rejection, Stream,
    room::{PduAdded, RoomState},
};

/// The longest that a message can be given: a day.
pub const EXPIRES_AFTER_MS_MAX: u64 = 86_400_000;
/// Messages of one room that can be waiting for their moment.
pub const EXPIRIES_MAX: usize = 10_000;
/// Those of one person among them, so that nobody takes up the room's share.
pub const EXPIRIES_OF_ONE_MAX: usize = 1_000;

/// Says when a message is gone. Said twice, the earlier moment counts.
#[derive(Clone, Debug)]
pub struct SetExpiry {
    /// Who says so; it must be the message's sender.
    pub sender: OwnedUserId,
    /// Where in the log the message is.
    pub position: u64,
    /// The message, as read from the log.
    pub added: PduAdded,
    /// How long from now, milliseconds; 0 is at once.
    pub expires_after_ms: u64,
}

impl Command for SetExpiry {
    type State = RoomState;
    /// The moment that counts, milliseconds since the epoch.
    type Reply = u64;

    fn decide(self, state: &RoomState, context: &Context<'_>) -> Result<Decision<u64>, Rejection> {
        let room_id = state.id()?;
        let pdu = &self.added.pdu;
        if pdu.room_id != *room_id {
            return Err(Rejection::not_found("There is no such event in this room."));
        }
        if pdu.sender != self.sender {
            return Err(Rejection::forbidden("Only who sent a message can say when it expires."));
        }
        if state.membership(&self.sender) != MembershipState::Join {
            return Err(Rejection::forbidden("You are not in this room."));
        }
        if pdu.state_key.is_some() {
            return Err(Rejection::forbidden("State does not expire; only messages do."));
        }
        if self.expires_after_ms > EXPIRES_AFTER_MS_MAX {
            let message = format!("`expires_after_ms` must be at most {EXPIRES_AFTER_MS_MAX}, a day.");
            return Err(Rejection::invalid_param(message));
        }
        let expires_at_ms = u64::from(context.now.0) + self.expires_after_ms;
        match state.expiry(self.position) {
            Some(earlier) if earlier <= expires_at_ms => return Ok(Decision::AlreadyDone(earlier)),
            Some(_) => {}
            None if state.expiries() >= EXPIRIES_MAX || state.has_expiries_of(&self.sender, EXPIRIES_OF_ONE_MAX) => {
                let kind = ErrorKind::LimitExceeded(LimitExceededErrorData::new());
                return Err(Rejection::new(
                    429,
                    kind,
                    "Too many messages, of this room or of yours in it, wait for their expiry.",
                ));
            }
            None => {}
        }
        let target = ExpiryTarget {
            depth: pdu.depth,
            event_id: pdu.event_id.clone(),
            position: self.position,
            room_id: room_id.clone(),
            sender: self.sender,
            transaction: self.added.transaction,
        };
        let fact = Fact::PduExpirySet(PduExpirySet { expires_at_ms, target });
        Ok(Decision::accept(&Stream::Room(room_id.clone()), [fact], expires_at_ms))
    }
}
