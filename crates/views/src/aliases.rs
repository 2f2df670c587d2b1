//! Room addresses and the public list of rooms.

use std::ops::ControlFlow;

use domain::{Area, DirectoryFact, Fact};
use projection::{Batch, Fold, KeyRange, Order, Place, Rows, Table, ViewFault};
use ruma::{OwnedRoomAliasId, OwnedRoomId, OwnedUserId, RoomAliasId, RoomId};
use serde::{Deserialize, Serialize};

use crate::{Audience, Touched};

const VIEW: u8 = 10;

/// Address to room.
const ALIASES: Table<String, AliasTarget> = Table::new(VIEW, 1);
/// (room, address).
const BY_ROOM: Table<(String, String), ()> = Table::new(VIEW, 2);
/// Rooms on the public list.
const LISTED: Table<String, ()> = Table::new(VIEW, 3);

/// Where an address leads.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AliasTarget {
    /// The room.
    pub room_id: OwnedRoomId,
    /// Who gave the address.
    pub creator: OwnedUserId,
}

/// Folds addresses and the public list.
#[derive(Debug, Default)]
pub struct AliasesView;

impl Fold<Fact, Audience> for AliasesView {
    fn name(&self) -> &'static str {
        "aliases"
    }

    fn view(&self) -> u8 {
        VIEW
    }

    fn version(&self) -> u32 {
        1
    }

    fn fold(&self, batch: &mut Batch<'_>, _: &mut Touched, fact: &Fact, _: &Place) -> Result<(), ViewFault> {
        match fact.area() {
            Area::Directory(fact) => match fact {
                DirectoryFact::AliasAdded(added) => {
                    forget(batch, &added.alias)?;
                    BY_ROOM.put(batch, &(added.room_id.as_str(), added.alias.as_str()), &())?;
                    let target = AliasTarget { room_id: added.room_id.clone(), creator: added.creator.clone() };
                    ALIASES.put(batch, added.alias.as_str(), &target)
                }
                DirectoryFact::AliasRemoved(removed) => forget(batch, &removed.alias),
                DirectoryFact::RoomListed(listed) if listed.is_listed => LISTED.put(batch, listed.room_id.as_str(), &()),
                DirectoryFact::RoomListed(listed) => LISTED.delete(batch, listed.room_id.as_str()),
                // A name is taken before there is an account, and by nobody else afterwards.
                DirectoryFact::AccountRegistered(_) => Ok(()),
            },
            Area::Room(_)
            | Area::Account(_)
            | Area::Ending(_)
            | Area::Data(_)
            | Area::Media(_)
            | Area::Keys(_)
            | Area::Inbox(_)
            | Area::Backup(_)
            | Area::Outbox(_) => Ok(()),
        }
    }
}

fn forget(batch: &mut Batch<'_>, alias: &RoomAliasId) -> Result<(), ViewFault> {
    if let Some(target) = ALIASES.get(&*batch, alias.as_str())? {
        BY_ROOM.delete(batch, &(target.room_id.as_str(), alias.as_str()))?;
        ALIASES.delete(batch, alias.as_str())?;
    }
    Ok(())
}

/// Where an address leads.
///
/// # Errors
/// A [`ViewFault`] when rows cannot be read.
pub fn target_of(rows: &dyn Rows, alias: &RoomAliasId) -> Result<Option<AliasTarget>, ViewFault> {
    ALIASES.get(rows, alias.as_str())
}

/// The addresses of a room.
///
/// # Errors
/// A [`ViewFault`] when rows cannot be read.
pub fn aliases_of(rows: &dyn Rows, room: &RoomId) -> Result<Vec<OwnedRoomAliasId>, ViewFault> {
    let mut found = Vec::new();
    BY_ROOM.scan_keys(rows, KeyRange::prefix(&(room.as_str(),)), Order::Ascending, |(_, alias)| {
        found.extend(OwnedRoomAliasId::try_from(alias));
        ControlFlow::Continue(())
    })?;
    Ok(found)
}

/// Whether a room stands on the public list.
///
/// # Errors
/// A [`ViewFault`] when rows cannot be read.
pub fn is_listed(rows: &dyn Rows, room: &RoomId) -> Result<bool, ViewFault> {
    LISTED.contains(rows, room.as_str())
}

/// The public list behind a room, in order of room ids; at most `limit`.
///
/// # Errors
/// A [`ViewFault`] when rows cannot be read.
pub fn listed_rooms(rows: &dyn Rows, after: Option<&RoomId>, limit: usize) -> Result<Vec<OwnedRoomId>, ViewFault> {
    let range = after.map_or_else(KeyRange::whole, |after| KeyRange::after(after.as_str()));
    let keys = LISTED.collect_keys(rows, range, Order::Ascending, limit)?;
    let room = |id| OwnedRoomId::try_from(id).map_err(|error| ViewFault::caused("a listed room's id does not read", error));
    keys.into_iter().map(room).collect()
}
