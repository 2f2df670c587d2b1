//! Forgets a room that one has left (spec: `POST /rooms/{roomId}/forget`).

use ruma::{OwnedRoomId, OwnedUserId, events::room::member::MembershipState};

use super::facts::RoomForgotten;
use crate::{Command, Context, Decision, Fact, Rejection, user::UserState};

/// Bytes of a room id.
const ROOM_ID_BYTES_MAX: usize = 255;

/// Forgets a room that its user is not in. A room that is joined at the same moment stays visible, because the fact counts
/// only for rooms that its user is out of.
#[derive(Clone, Debug)]
pub struct ForgetRoom {
    /// Who forgets.
    pub user_id: OwnedUserId,
    /// The room.
    pub room_id: OwnedRoomId,
}

impl Command for ForgetRoom {
    type On = UserState;
    type Reply = ();

    fn key(&self) -> OwnedUserId {
        self.user_id.clone()
    }

    fn decide(self, _state: &UserState, context: &Context<'_>) -> Result<Decision<()>, Rejection> {
        if self.room_id.as_str().len() > ROOM_ID_BYTES_MAX {
            return Err(Rejection::not_found("There is no such room."));
        }
        match context.lookup.membership(&self.room_id, &self.user_id)? {
            None | Some(MembershipState::Leave | MembershipState::Ban) => {}
            Some(_) => return Err(Rejection::unknown("Leave the room before you forget it.")),
        }
        if context.lookup.is_forgotten(&self.room_id, &self.user_id)? {
            return Ok(Decision::AlreadyDone(()));
        }
        let fact = RoomForgotten { user_id: self.user_id, room_id: self.room_id };
        Ok(Decision::accept([Fact::RoomForgotten(fact)], ()))
    }
}
