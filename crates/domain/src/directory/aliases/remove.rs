//! Takes an address away (spec: `DELETE /directory/room/{roomAlias}`).

use ruma::{OwnedRoomAliasId, OwnedUserId};

use super::power::may_name;
use crate::{
    Command, Context, Decision, Fact, Rejection,
    directory::{AliasRemoved, DirectoryState},
};

/// Takes an address away (spec: `DELETE /directory/room/{roomAlias}`): who gave it may, and who has the power to change the
/// main address of its room.
#[derive(Clone, Debug)]
pub struct RemoveAlias {
    /// Who does it.
    pub sender: OwnedUserId,
    /// The address.
    pub alias: OwnedRoomAliasId,
}

impl Command for RemoveAlias {
    type On = DirectoryState;
    type Reply = ();

    fn key(&self) {}

    fn decide(self, state: &DirectoryState, context: &Context<'_>) -> Result<Decision<()>, Rejection> {
        let Some(target) = state.aliases.aliases.get(&self.alias) else {
            return Err(Rejection::not_found("There is no such room address."));
        };
        if target.creator != self.sender && !may_name(&target.room_id, &self.sender, context)? {
            return Err(Rejection::forbidden("Only who gave the address or an admin of the room can take it away."));
        }
        let (remover, room_id) = (Some(self.sender), Some(target.room_id.clone()));
        Ok(Decision::accept([Fact::AliasRemoved(AliasRemoved { alias: self.alias, remover, room_id })], ()))
    }
}
