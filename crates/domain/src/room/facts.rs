//! What was decided about whole rooms. The payloads of facts about PDUs are written by hand and have files of their own,
//! `pdu.rs` and `pruned.rs`.

use ruma::{OwnedRoomId, OwnedUserId};
use serde::{Deserialize, Serialize};

/// Fact `room.upgraded`, version 1: a room was replaced by another. Its addresses are still to follow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomUpgraded {
    /// The new room.
    pub replacement_id: OwnedRoomId,
    /// The old room.
    pub room_id: OwnedRoomId,
}

/// Fact `room.forgotten`, version 1. It stands in the user's stream; joining again makes it void.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RoomForgotten {
    /// The room.
    pub room_id: OwnedRoomId,
    /// Who forgets.
    pub user_id: OwnedUserId,
}
