//! Sets when a message is gone (`PUT /_matrix/client/unstable/org.hearth.expiry/rooms/{roomId}/event/{eventId}`).

use ruma::{
    OwnedEventId, OwnedRoomId, OwnedUserId, RoomId,
    api::error::{ErrorKind, LimitExceededErrorData},
    events::room::member::MembershipState,
};

use super::{ExpiryTarget, PduExpirySet};
use crate::{
    Command, Context, Decision, Fact, Rejection,
    lookup::Lookup,
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
    /// The room.
    pub room_id: OwnedRoomId,
    /// Who says so; it must be the message's sender.
    pub sender: OwnedUserId,
    /// The message.
    pub event_id: OwnedEventId,
    /// How long from now, milliseconds; 0 is at once.
    pub expires_after_ms: u64,
}

impl Command for SetExpiry {
    type On = RoomState;
    /// The moment that counts, milliseconds since the epoch.
    type Reply = u64;

    fn key(&self) -> OwnedRoomId {
        self.room_id.clone()
    }

    fn decide(self, state: &RoomState, context: &Context<'_>) -> Result<Decision<u64>, Rejection> {
        let room_id = state.id()?;
        let (position, added) = self.message(room_id, context.lookup)?;
        let pdu = &added.pdu;
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
        match state.expiry(position) {
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
        let target = ExpiryTarget::of(added, position);
        let fact = Fact::PduExpirySet(PduExpirySet { expires_at_ms, target });
        Ok(Decision::accept([fact], expires_at_ms))
    }
}

impl SetExpiry {
    /// The message and its position.
    ///
    /// # Errors
    /// 404 `M_NOT_FOUND` when there is none, when it was redacted, and for those who may not see it: they are not told that it
    /// exists.
    fn message(&self, room_id: &RoomId, lookup: &dyn Lookup) -> Result<(u64, PduAdded), Rejection> {
        let none = || Rejection::not_found("There is no such event.");
        let found = lookup.event(room_id, &self.event_id)?.ok_or_else(none)?;
        if found.sender != self.sender && !lookup.may_see(room_id, &self.sender, found.position)? {
            return Err(none());
        }
        let added = found.added.ok_or_else(|| Rejection::not_found("The event has been redacted."))?;
        Ok((found.position, added))
    }
}
