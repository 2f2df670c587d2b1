//! What there can be left to do, and where it is listed.

use projection::Table;
use ruma::{OwnedRoomAliasId, OwnedRoomId, OwnedUserId};
use serde::{Deserialize, Serialize};

pub(super) const VIEW: u8 = 13;

/// Position of a fact → what it has left to do.
pub(super) const PENDING: Table<u64, Effect> = Table::new(VIEW, 1);

/// What a fact has left to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Effect {
    /// A person has another name or avatar: the rooms that they are in are to show it.
    Rename {
        /// The person.
        user_id: OwnedUserId,
    },
    /// An account was closed: its owner leaves all rooms, and its addresses are free.
    Deactivate {
        /// Its media go with it.
        erase: bool,
        /// The account.
        user_id: OwnedUserId,
    },
    /// A message was redacted that named media of its sender in clear: they go if nothing else names them.
    ForgetMedia {
        /// The last parts of their addresses.
        media_ids: Vec<String>,
        /// Who sent the message.
        user_id: OwnedUserId,
    },
    /// An address was taken away that led to a room: the room's state is not to name it.
    Unname {
        /// The address.
        alias: OwnedRoomAliasId,
        /// The room.
        room_id: OwnedRoomId,
        /// Who took it away.
        user_id: OwnedUserId,
    },
    /// A room was replaced: its addresses lead to the new one.
    MoveAliases {
        /// The old room.
        from: OwnedRoomId,
        /// The new room.
        to: OwnedRoomId,
    },
    /// Somebody is joined to a room that replaces another one: unless they were before, their push rules for that one are to hold here.
    CarryPushRules {
        /// The new room.
        room_id: OwnedRoomId,
        /// Who is joined.
        user_id: OwnedUserId,
    },
}
