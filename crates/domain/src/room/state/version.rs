//! A room and its version. As JSON it is the two names; the rules follow from them.

use ruma::{OwnedRoomId, RoomVersionId, room_version_rules::RoomVersionRules};
use serde::{Deserialize, Serialize};

use crate::room::pdu::Pdu;

/// A room with the rules of its version.
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "RoomName", into = "RoomName")]
pub(super) struct Room {
    pub(super) id: OwnedRoomId,
    pub(super) version: RoomVersionId,
    pub(super) rules: RoomVersionRules,
}

/// What tells all of [`Room`].
#[derive(Serialize, Deserialize)]
struct RoomName {
    id: OwnedRoomId,
    version: RoomVersionId,
}

impl From<Room> for RoomName {
    fn from(Room { id, version, .. }: Room) -> Self {
        Self { id, version }
    }
}

impl TryFrom<RoomName> for Room {
    type Error = String;

    fn try_from(RoomName { id, version }: RoomName) -> Result<Self, String> {
        let rules = version.rules().ok_or_else(|| format!("the rules of room version {version} are not known"))?;
        Ok(Self { id, version, rules })
    }
}

/// The room that a create PDU makes; none for another PDU or a version that this server does not know.
pub(super) fn room_of_create(pdu: &Pdu) -> Option<Room> {
    #[derive(Deserialize)]
    struct Content {
        room_version: Option<RoomVersionId>,
    }
    let version = pdu.content_as::<Content>()?.room_version.unwrap_or(RoomVersionId::V1);
    let rules = version.rules()?;
    Some(Room { id: pdu.room_id.clone(), version, rules })
}
