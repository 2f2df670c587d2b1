//! What a client asks a new room to be.

use ruma::{
    CanonicalJsonObject, OwnedRoomAliasId, OwnedUserId, RoomVersionId, api::client::room::create_room::v3::RoomPreset,
};

/// The room versions in which rooms are made here, oldest first. Those before gave events ids of another kind.
pub const ROOM_VERSIONS: [RoomVersionId; 10] = [
    RoomVersionId::V3,
    RoomVersionId::V4,
    RoomVersionId::V5,
    RoomVersionId::V6,
    RoomVersionId::V7,
    RoomVersionId::V8,
    RoomVersionId::V9,
    RoomVersionId::V10,
    RoomVersionId::V11,
    RoomVersionId::V12,
];

/// One piece of state that a client asks for.
#[derive(Clone, Debug)]
pub struct InitialState {
    /// The event's type.
    pub event_type: String,
    /// Its state key.
    pub state_key: String,
    /// Its content.
    pub content: CanonicalJsonObject,
}

/// What a client asks a new room to be.
#[derive(Clone, Debug)]
pub struct NewRoom {
    /// Who creates it.
    pub creator: OwnedUserId,
    /// Its version; none for the server's default.
    pub version: Option<RoomVersionId>,
    /// What the defaults are.
    pub preset: RoomPreset,
    /// More content of the create event.
    pub creation_content: CanonicalJsonObject,
    /// State beside the preset's.
    pub initial_state: Vec<InitialState>,
    /// Replaces fields of the default power levels.
    pub power_level_override: CanonicalJsonObject,
    /// A name.
    pub name: Option<String>,
    /// A topic.
    pub topic: Option<String>,
    /// The main address.
    pub alias: Option<OwnedRoomAliasId>,
    /// Whom to invite.
    pub invites: Vec<OwnedUserId>,
    /// Marks the invites as a direct conversation.
    pub is_direct: bool,
}
