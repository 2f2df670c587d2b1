//! Forgets a room that one has left (spec: `POST /rooms/{roomId}/forget`).

use ruma::{OwnedRoomId, OwnedUserId};
use serde::{Deserialize, Serialize};

use crate::{Command, Context, Decision, Fact, Rejection, Stream, user::UserState};

/// Fact `room.forgotten`, version 1. It stands in the user's stream; joining again makes it void.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RoomForgotten {
    /// The room.
    pub room_id: OwnedRoomId,
    /// Who forgets.
    pub user_id: OwnedUserId,
}

/// Forgets a room. That the user is not in it was checked on the views: a room that is joined at the same moment
/// stays visible, because the fact counts only for rooms that its user is out of.
#[derive(Clone, Debug)]
pub struct ForgetRoom {
    /// Who forgets.
    pub user_id: OwnedUserId,
    /// The room.
    pub room_id: OwnedRoomId,
}

impl Command for ForgetRoom {
    type State = UserState;
    type Reply = ();

    fn decide(self, _state: &UserState, _context: &Context<'_>) -> Result<Decision<()>, Rejection> {
        let stream = Stream::User(self.user_id.clone());
        let fact = RoomForgotten { user_id: self.user_id, room_id: self.room_id };
        Ok(Decision::accept(&stream, [Fact::RoomForgotten(fact)], ()))
    }
}
