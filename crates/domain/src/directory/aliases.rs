//! Room addresses and the public list of rooms: who may have which name. Decided on the directory's lane, because an
//! address is unique on the server.

use std::collections::{BTreeMap, BTreeSet};

use ruma::{
    OwnedRoomAliasId, OwnedRoomId, OwnedUserId, RoomAliasId, RoomId, UserId,
    api::error::ErrorKind,
    events::{StateEventType, room::member::MembershipState},
};
use serde::{Deserialize, Serialize};

use super::DirectoryState;
use crate::{Command, Context, Decision, Fact, Rejection, lookup::Lookup, room::not_in_room};

/// How many addresses one room can have.
pub const ALIASES_PER_ROOM_MAX: usize = 100;

/// Bytes of an address.
pub const ALIAS_BYTES_MAX: usize = 255;

/// Fact `alias.added`, version 1.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AliasAdded {
    /// The address.
    pub alias: OwnedRoomAliasId,
    /// Who gave it, and may take it away.
    pub creator: OwnedUserId,
    /// The room it leads to.
    pub room_id: OwnedRoomId,
}

/// Fact `alias.removed`, version 1.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AliasRemoved {
    /// The address.
    pub alias: OwnedRoomAliasId,
}

/// Fact `room.listed`, version 1.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RoomListed {
    /// Whether it stands in the public list from now on.
    pub is_listed: bool,
    /// The room.
    pub room_id: OwnedRoomId,
}

/// What the directory's lane knows of rooms.
#[derive(Default)]
pub struct AliasState {
    aliases: BTreeMap<OwnedRoomAliasId, Target>,
    listed: BTreeSet<OwnedRoomId>,
}

struct Target {
    room_id: OwnedRoomId,
    creator: OwnedUserId,
}

impl AliasState {
    /// The room that an address leads to.
    #[must_use]
    pub fn room_of(&self, alias: &RoomAliasId) -> Option<&RoomId> {
        self.aliases.get(alias).map(|target| &*target.room_id)
    }

    fn of_room(&self, room_id: &RoomId) -> impl Iterator<Item = (&OwnedRoomAliasId, &Target)> {
        self.aliases.iter().filter(move |(_, target)| target.room_id == room_id)
    }

    /// Takes one fact in.
    pub(super) fn evolve(&mut self, fact: &Fact) {
        match fact {
            Fact::AliasAdded(added) => {
                let target = Target { room_id: added.room_id.clone(), creator: added.creator.clone() };
                self.aliases.insert(added.alias.clone(), target);
            }
            Fact::AliasRemoved(removed) => {
                self.aliases.remove(&removed.alias);
            }
            Fact::RoomListed(listed) if listed.is_listed => {
                self.listed.insert(listed.room_id.clone());
            }
            Fact::RoomListed(listed) => {
                self.listed.remove(&listed.room_id);
            }
            _ => {}
        }
    }
}

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
        Ok(Decision::accept([Fact::AliasRemoved(AliasRemoved { alias: self.alias })], ()))
    }
}

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
        let predecessor =
            create.as_ref().and_then(|create| create.get("predecessor")?.as_object()?.get("room_id")?.as_str());
        if successor == Some(self.to.as_str()) && predecessor == Some(self.from.as_str()) {
            return Ok(());
        }
        Err(Rejection::forbidden("The one room does not replace the other."))
    }
}

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

/// Refuses what is longer than an address may be (spec: "Room aliases").
pub(crate) fn check_alias(alias: &RoomAliasId) -> Result<(), Rejection> {
    if alias.as_str().len() > ALIAS_BYTES_MAX {
        return Err(Rejection::invalid_param("A room address has at most 255 bytes."));
    }
    Ok(())
}

/// Whether a person may give a room its main address.
fn may_name(room_id: &RoomId, user_id: &UserId, context: &Context<'_>) -> Result<bool, Rejection> {
    Ok(context.lookup.may_set(room_id, user_id, &StateEventType::RoomCanonicalAlias)?)
}
