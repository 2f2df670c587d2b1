//! Room addresses and the public list of rooms: who may have which name. Decided on the directory's lane, because an
//! address is unique on the server.

mod add;
mod length;
mod list;
mod move_to;
mod power;
mod remove;

use std::collections::{BTreeMap, BTreeSet};

use ruma::{OwnedRoomAliasId, OwnedRoomId, OwnedUserId, RoomAliasId, RoomId};
use serde::{Deserialize, Serialize};

pub use add::AddAlias;
pub use length::ALIAS_BYTES_MAX;
pub(crate) use length::check_alias;
pub use list::ListRoom;
pub use move_to::MoveAliases;
pub use remove::RemoveAlias;

use crate::Fact;

/// How many addresses one room can have.
pub const ALIASES_PER_ROOM_MAX: usize = 100;

/// What the directory's lane knows of rooms.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct AliasState {
    aliases: BTreeMap<OwnedRoomAliasId, Target>,
    listed: BTreeSet<OwnedRoomId>,
}

#[derive(Clone, Serialize, Deserialize)]
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
