//! What a room is called and how it is set up, read from its current state.

use projection::{Rows, ViewFault};
use ruma::{
    OwnedMxcUri, OwnedRoomAliasId, OwnedRoomId, OwnedUserId, RoomId, RoomVersionId,
    events::room::{
        guest_access::GuestAccess, history_visibility::HistoryVisibility, join_rules::RoomJoinRulesEventContent,
    },
    room::{JoinRule, RoomType},
};
use serde::{Deserialize, de::DeserializeOwned};

use super::state::state_event;

/// A room's set-up. Fields that no state event gives have the default that the specification gives them.
#[derive(Clone, Debug)]
pub struct RoomInfo {
    /// The room's version.
    pub version: RoomVersionId,
    /// Who created it.
    pub creator: OwnedUserId,
    /// For example `m.space`.
    pub room_type: Option<RoomType>,
    /// The algorithm of `m.room.encryption`; none in an unencrypted room.
    pub encryption: Option<String>,
    /// The name that was set.
    pub name: Option<String>,
    /// The topic that was set.
    pub topic: Option<String>,
    /// The avatar that was set.
    pub avatar_url: Option<OwnedMxcUri>,
    /// The main address.
    pub canonical_alias: Option<OwnedRoomAliasId>,
    /// Who may join.
    pub join_rule: JoinRule,
    /// From when on history is shown.
    pub history_visibility: HistoryVisibility,
    /// Whether guests may join.
    pub guests_can_join: bool,
    /// The room that replaced this one.
    pub successor: Option<OwnedRoomId>,
}

#[derive(Deserialize)]
struct Create {
    creator: Option<OwnedUserId>,
    room_version: Option<RoomVersionId>,
    #[serde(rename = "type")]
    room_type: Option<RoomType>,
}

#[derive(Deserialize)]
struct Encryption {
    algorithm: Option<String>,
}

#[derive(Deserialize)]
struct Name {
    name: Option<String>,
}

#[derive(Deserialize)]
struct Topic {
    topic: Option<String>,
}

#[derive(Deserialize)]
struct Avatar {
    url: Option<OwnedMxcUri>,
}

#[derive(Deserialize)]
struct Alias {
    alias: Option<OwnedRoomAliasId>,
}

#[derive(Deserialize)]
struct Visibility {
    history_visibility: HistoryVisibility,
}

#[derive(Deserialize)]
struct Guests {
    guest_access: GuestAccess,
}

#[derive(Deserialize)]
struct Tombstone {
    replacement_room: Option<OwnedRoomId>,
}

/// The set-up of a room; none when there is no such room.
///
/// # Errors
/// A [`ViewFault`] when rows cannot be read.
pub fn room_info(rows: &dyn Rows, room: &RoomId) -> Result<Option<RoomInfo>, ViewFault> {
    let Some((_, row)) = state_event(rows, room, "m.room.create", "")? else {
        return Ok(None);
    };
    let Some(create) = row.content_as::<Create>() else {
        return Ok(None);
    };
    let given = |text: Option<String>| text.filter(|text| !text.is_empty());
    Ok(Some(RoomInfo {
        version: create.room_version.unwrap_or(RoomVersionId::V1),
        creator: create.creator.unwrap_or(row.sender),
        room_type: create.room_type,
        encryption: content::<Encryption>(rows, room, "m.room.encryption")?.and_then(|c| c.algorithm),
        name: given(content::<Name>(rows, room, "m.room.name")?.and_then(|c| c.name)),
        topic: given(content::<Topic>(rows, room, "m.room.topic")?.and_then(|c| c.topic)),
        avatar_url: content::<Avatar>(rows, room, "m.room.avatar")?.and_then(|c| c.url),
        canonical_alias: content::<Alias>(rows, room, "m.room.canonical_alias")?.and_then(|c| c.alias),
        join_rule: content::<RoomJoinRulesEventContent>(rows, room, "m.room.join_rules")?
            .map_or(JoinRule::Invite, |c| c.join_rule),
        history_visibility: content::<Visibility>(rows, room, "m.room.history_visibility")?
            .map_or(HistoryVisibility::Shared, |c| c.history_visibility),
        guests_can_join: content::<Guests>(rows, room, "m.room.guest_access")?
            .is_some_and(|c| c.guest_access == GuestAccess::CanJoin),
        successor: content::<Tombstone>(rows, room, "m.room.tombstone")?.and_then(|c| c.replacement_room),
    }))
}

fn content<T: DeserializeOwned>(rows: &dyn Rows, room: &RoomId, event_type: &str) -> Result<Option<T>, ViewFault> {
    Ok(state_event(rows, room, event_type, "")?.and_then(|(_, row)| row.content_as()))
}
