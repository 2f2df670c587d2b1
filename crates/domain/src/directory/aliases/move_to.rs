//! Leads the addresses of a room that was replaced to the new one.

use ruma::{OwnedRoomAliasId, OwnedRoomId, events::StateEventType};

use super::ALIASES_PER_ROOM_MAX;
use crate::{
    Command, Context, Decision, Fact, Rejection,
    directory::{AliasAdded, DirectoryState, RoomListed},
    lookup::Lookup,
    room::predecessor,
};

/// Leads the addresses of one room to the one that replaces it: as many as the new one has place for. The others stay with
/// the old one, which names its successor.
#[derive(Clone, Debug)]
pub struct MoveAliases {
    /// The old room.
    pub from: OwnedRoomId,
    /// The new room.
    pub to: OwnedRoomId,
}

impl Command for MoveAliases {
    type On = DirectoryState;
    type Reply = Vec<OwnedRoomAliasId>;

    fn key(&self) {}

    fn decide(self, state: &DirectoryState, context: &Context<'_>) -> Result<Decision<Self::Reply>, Rejection> {
        self.check(context.lookup)?;
        let mut facts = Vec::new();
        let mut moved = Vec::new();
        let place = ALIASES_PER_ROOM_MAX.saturating_sub(state.aliases.of_room(&self.to).count());
        for (alias, target) in state.aliases.of_room(&self.from).take(place) {
            let (alias, creator) = (alias.clone(), target.creator.clone());
            moved.push(alias.clone());
            facts.push(Fact::AliasAdded(AliasAdded { alias, room_id: self.to.clone(), creator }));
        }
        if state.aliases.listed.contains(&self.from) {
            facts.push(Fact::RoomListed(RoomListed { room_id: self.from, is_listed: false }));
            facts.push(Fact::RoomListed(RoomListed { room_id: self.to, is_listed: true }));
        }
        if facts.is_empty() {
            return Ok(Decision::AlreadyDone(moved));
        }
        Ok(Decision::accept(facts, moved))
    }
}

impl MoveAliases {
    /// The old room must name the new one as its successor, which it takes power to say, and the new one the old one as its
    /// predecessor.
    fn check(&self, lookup: &dyn Lookup) -> Result<(), Rejection> {
        let successor = lookup.state(&self.from, &StateEventType::RoomTombstone, "")?;
        let successor = successor.as_ref().and_then(|tombstone| tombstone.get("replacement_room")?.as_str());
        let create = lookup.state(&self.to, &StateEventType::RoomCreate, "")?;
        if successor == Some(self.to.as_str()) && create.as_ref().and_then(predecessor) == Some(&*self.from) {
            return Ok(());
        }
        Err(Rejection::forbidden("The one room does not replace the other."))
    }
}
