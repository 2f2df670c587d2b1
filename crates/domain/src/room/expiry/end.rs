//! Lets messages go whose moment has passed. The server itself commands it.

use ruma::OwnedRoomId;

use super::PduExpired;
use crate::{Command, Context, Decision, Fact, Rejection, room::RoomState};

/// Messages that one command lets go at most; the log takes 1,000 records at once.
pub const ENDED_AT_ONCE_MAX: usize = 500;

/// Lets the messages of one room go whose moment has passed, at most [`ENDED_AT_ONCE_MAX`] of them.
#[derive(Clone, Debug)]
pub struct EndExpiries {
    /// The room.
    pub room_id: OwnedRoomId,
}

impl Command for EndExpiries {
    type On = RoomState;
    /// How many are gone by this command; fewer than the maximum when none is left.
    type Reply = usize;

    fn key(&self) -> OwnedRoomId {
        self.room_id.clone()
    }

    fn decide(self, state: &RoomState, context: &Context<'_>) -> Result<Decision<usize>, Rejection> {
        let facts: Vec<Fact> = state
            .due(context.now.0.into())
            .take(ENDED_AT_ONCE_MAX)
            .map(|target| Fact::PduExpired(PduExpired { target: target.clone() }))
            .collect();
        if facts.is_empty() {
            return Ok(Decision::AlreadyDone(0));
        }
        let count = facts.len();
        Ok(Decision::accept(facts, count))
    }
}
