//! Puts a room on the public list or takes it off (spec: `PUT /directory/list/room/{roomId}`).

use ruma::{OwnedRoomId, OwnedUserId, events::StateEventType};

use super::power::may_name;
use crate::{
    Command, Context, Decision, Fact, Rejection,
    directory::{DirectoryState, RoomListed},
};

/// Puts a room on the public list or takes it off (spec: `PUT /directory/list/room/{roomId}`): who may give it its
/// main address may.
#[derive(Clone, Debug)]
pub struct ListRoom {
    /// Who does it.
    pub sender: OwnedUserId,
    /// The room.
    pub room_id: OwnedRoomId,
    /// Whether it is to stand in the list.
    pub is_listed: bool,
}

impl Command for ListRoom {
    type On = DirectoryState;
    type Reply = ();

    fn key(&self) {}

    fn decide(self, state: &DirectoryState, context: &Context<'_>) -> Result<Decision<()>, Rejection> {
        if context.lookup.state(&self.room_id, &StateEventType::RoomCreate, "")?.is_none() {
            return Err(Rejection::not_found("There is no such room."));
        }
        if !may_name(&self.room_id, &self.sender, context)? {
            return Err(Rejection::forbidden("You lack the power to list this room."));
        }
        if state.aliases.listed.contains(&self.room_id) == self.is_listed {
            return Ok(Decision::AlreadyDone(()));
        }
        let fact = RoomListed { room_id: self.room_id, is_listed: self.is_listed };
        Ok(Decision::accept([Fact::RoomListed(fact)], ()))
    }
}
