//! Lets messages go that are older than this server keeps any. The server itself commands it.

use ruma::{OwnedEventId, OwnedRoomId, events::TimelineEventType};

use super::{ExpiryTarget, PduExpired};
use crate::{Command, Context, Decision, Fact, Rejection, room::RoomState};

/// Events that one command looks at.
pub const OLD_AT_ONCE_MAX: usize = 200;

/// Lets those of some events of a room go that are messages and old. State stays, and so do redactions: without them a room
/// would be another one.
#[derive(Clone, Debug)]
pub struct EndOld {
    /// The room.
    pub room_id: OwnedRoomId,
    /// The events, at most [`OLD_AT_ONCE_MAX`].
    pub event_ids: Vec<OwnedEventId>,
    /// What stands at this position or behind it is not old.
    pub before: u64,
}

impl Command for EndOld {
    type On = RoomState;
    /// How many are gone by this command.
    type Reply = usize;

    fn key(&self) -> OwnedRoomId {
        self.room_id.clone()
    }

    fn decide(self, state: &RoomState, context: &Context<'_>) -> Result<Decision<usize>, Rejection> {
        if self.event_ids.len() > OLD_AT_ONCE_MAX {
            return Err(Rejection::too_large("So many messages are not let go at once."));
        }
        let (room_id, mut targets) = (state.id()?, Vec::new());
        for event_id in &self.event_ids {
            let Some(found) = context.lookup.event(room_id, event_id)? else { continue };
            let Some(added) = found.added.filter(|_| found.position < self.before) else { continue };
            let is_message = added.pdu.state_key.is_none() && added.pdu.event_type != TimelineEventType::RoomRedaction;
            let target = ExpiryTarget::of(added, found.position);
            if is_message && !targets.contains(&target) {
                targets.push(target);
            }
        }
        if targets.is_empty() {
            return Ok(Decision::AlreadyDone(0));
        }
        let count = targets.len();
        Ok(Decision::accept(targets.into_iter().map(|target| Fact::PduExpired(PduExpired { target })), count))
    }
}
