//! What a new room starts with: power levels, the presets' state, name and topic.

use ruma::{
    CanonicalJsonObject, CanonicalJsonValue, OwnedRoomAliasId, OwnedUserId, api::client::room::create_room::v3::RoomPreset,
    room_version_rules::AuthorizationRules,
};
use serde_json::json;

use super::new_room::NewRoom;
use crate::{
    Rejection,
    room::{content::object, encryption::MEGOLM},
};

/// The power of whoever creates a room, and of all in a trusted private chat, where creators have no power of their own.
const POWER_OF_ADMINS: i64 = 100;
/// In room version 12 an upgrade takes more than an admin's power (spec, room version 12: "Power levels").
const POWER_TO_UPGRADE_V12: i64 = 150;

/// The default power levels with the client's changes.
pub(super) fn power_levels(room: &NewRoom, rules: &AuthorizationRules) -> Result<CanonicalJsonObject, Rejection> {
    let creators_have_all = rules.explicitly_privilege_room_creators;
    let tombstone = if creators_have_all { POWER_TO_UPGRADE_V12 } else { POWER_OF_ADMINS };
    let invite = if room.preset == RoomPreset::PublicChat { 50 } else { 0 };
    let mut content = object(json!({
        "ban": 50,
        "events": {
            "m.room.avatar": 50,
            "m.room.canonical_alias": 50,
            "m.room.encryption": POWER_OF_ADMINS,
            "m.room.history_visibility": POWER_OF_ADMINS,
            "m.room.name": 50,
            "m.room.power_levels": POWER_OF_ADMINS,
            "m.room.server_acl": POWER_OF_ADMINS,
            "m.room.tombstone": tombstone,
        },
        "events_default": 0,
        "invite": invite,
        "kick": 50,
        "notifications": { "room": 50 },
        "redact": 50,
        "state_default": 50,
        "users_default": 0,
    }))?;
    let mut users = CanonicalJsonObject::new();
    if !creators_have_all {
        users.insert(room.creator.to_string(), power(POWER_OF_ADMINS));
        if room.preset == RoomPreset::TrustedPrivateChat {
            users.extend(room.invites.iter().map(|user| (user.to_string(), power(POWER_OF_ADMINS))));
        }
    }
    content.insert("users".to_owned(), users.into());
    content.extend(room.power_level_override.clone());
    Ok(content)
}

fn power(level: i64) -> CanonicalJsonValue {
    CanonicalJsonValue::Integer(ruma::Int::new_saturating(level))
}

/// In a trusted private chat of room version 12 those who are invited are creators too.
pub(super) fn add_creators(content: &mut CanonicalJsonObject, invites: &[OwnedUserId]) -> Result<(), Rejection> {
    let more = invites.iter().map(|invitee| CanonicalJsonValue::from(invitee.to_string()));
    match content.entry("additional_creators".to_owned()).or_insert_with(|| CanonicalJsonValue::Array(Vec::new())) {
        CanonicalJsonValue::Array(creators) => {
            for creator in more {
                if !creators.contains(&creator) {
                    creators.push(creator);
                }
            }
            Ok(())
        }
        _ => Err(Rejection::bad_json("additional_creators is not a list of user ids.")),
    }
}

/// The state that a preset stands for (spec: `POST /createRoom`, the table of presets).
pub(super) fn preset_state(preset: &RoomPreset) -> Result<[(&'static str, CanonicalJsonObject); 3], Rejection> {
    let is_public = *preset == RoomPreset::PublicChat;
    let (join_rule, guests) = if is_public { ("public", "forbidden") } else { ("invite", "can_join") };
    Ok([
        ("m.room.join_rules", object(json!({ "join_rule": join_rule }))?),
        ("m.room.history_visibility", object(json!({ "history_visibility": "shared" }))?),
        ("m.room.guest_access", object(json!({ "guest_access": guests }))?),
    ])
}

pub(super) fn encryption() -> Result<CanonicalJsonObject, Rejection> {
    object(json!({ "algorithm": MEGOLM }))
}

pub(super) fn alias(alias: &OwnedRoomAliasId) -> CanonicalJsonObject {
    CanonicalJsonObject::from([("alias".to_owned(), alias.to_string().into())])
}

pub(super) fn name(name: String) -> CanonicalJsonObject {
    CanonicalJsonObject::from([("name".to_owned(), name.into())])
}

/// A topic with its text form for clients that read only that.
pub(super) fn topic(topic: &str) -> Result<CanonicalJsonObject, Rejection> {
    object(json!({ "topic": topic, "m.topic": { "m.text": [{ "body": topic, "mimetype": "text/plain" }] } }))
}
