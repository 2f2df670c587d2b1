//! Gives a room an address (spec: `PUT /directory/room/{roomAlias}`).

use ruma::{OwnedRoomAliasId, OwnedRoomId, OwnedUserId, api::error::ErrorKind, events::room::member::MembershipState};

use super::{ALIASES_PER_ROOM_MAX, length::check_alias};
use crate::{
    Command, Context, Decision, Fact, Rejection,
    directory::{AliasAdded, DirectoryState},
    room::not_in_room,
};

/// Gives a room that the sender is in an address (spec: `PUT /directory/room/{roomAlias}`).
#[derive(Clone, Debug)]
pub struct AddAlias {
    /// Who does it.
    pub sender: OwnedUserId,
    /// The address.
    pub alias: OwnedRoomAliasId,
    /// The room.
    pub room_id: OwnedRoomId,
}

impl Command for AddAlias {
    type On = DirectoryState;
    type Reply = ();

    fn key(&self) {}

    fn decide(self, state: &DirectoryState, context: &Context<'_>) -> Result<Decision<()>, Rejection> {
        if context.lookup.membership(&self.room_id, &self.sender)? != Some(MembershipState::Join) {
            return Err(not_in_room());
        }
        check_alias(&self.alias)?;
        if self.alias.server_name() != context.server_name {
            return Err(Rejection::invalid_param("The room address is of another server."));
        }
        if state.aliases.room_of(&self.alias).is_some() {
            return Err(Rejection::new(409, ErrorKind::Unknown, "The room address is taken."));
        }
        if state.aliases.of_room(&self.room_id).count() >= ALIASES_PER_ROOM_MAX {
            return Err(Rejection::forbidden("The room has as many addresses as it may have."));
        }
        let fact = AliasAdded { alias: self.alias, room_id: self.room_id, creator: self.sender };
        Ok(Decision::accept([Fact::AliasAdded(fact)], ()))
    }
}
