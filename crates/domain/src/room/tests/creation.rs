//! What a new room is made of.

use ruma::{RoomVersionId, api::client::room::create_room::v3::RoomPreset, events::StateEventType};
use serde_json::{Value, json};

use crate::{
    Policy,
    room::{
        InitialState, ROOM_VERSIONS,
        fixture::{Room, new_room, object, user},
    },
};

fn content(room: &Room, event_type: StateEventType, key: &str) -> Option<Value> {
    room.state.get(&event_type, key).map(|pdu| pdu.content_as().unwrap())
}

#[test]
fn a_room_starts_in_the_order_of_the_specification() {
    for version in ROOM_VERSIONS {
        let mut asked = new_room(version.clone());
        asked.name = Some("Tea".to_owned());
        asked.topic = Some("Which?".to_owned());
        asked.invites = vec![user("bob")];
        asked.initial_state = vec![InitialState {
            event_type: "org.example.note".to_owned(),
            state_key: String::new(),
            content: object(json!({ "a": 1 })),
        }];
        let room = Room::create(asked, Policy::default()).unwrap();
        let types: Vec<_> = room.pdus().map(|pdu| pdu.event_type.to_string()).collect();
        let expected = [
            "m.room.create",
            "m.room.member",
            "m.room.power_levels",
            "m.room.join_rules",
            "m.room.history_visibility",
            "m.room.guest_access",
            "m.room.encryption",
            "org.example.note",
            "m.room.name",
            "m.room.topic",
            "m.room.member",
        ];
        assert_eq!(types, expected, "version {version}");
        assert_eq!(room.state.version().unwrap(), &version);
    }
}

#[test]
fn the_id_of_a_version_12_room_is_the_hash_of_its_creation() {
    let room = Room::new(RoomVersionId::V12);
    let create = room.pdus().next().unwrap();
    assert_eq!(room.state.id().unwrap().as_str(), format!("!{}", create.event_id.localpart()));
    assert!(!create.json.get().contains("\"room_id\""), "the create PDU cannot name its own hash");
    for pdu in room.pdus().skip(1) {
        assert_eq!(&pdu.room_id, room.state.id().unwrap());
        assert!(!pdu.auth_events.contains(&create.event_id), "version 12 leaves the create PDU out of auth_events");
    }
    let other = Room::create(new_room(RoomVersionId::V12), Policy::default()).unwrap();
    assert_eq!(room.state.id().unwrap(), other.state.id().unwrap(), "the same decision makes the same room");
}

#[test]
fn the_creator_is_named_as_the_version_wants_it() {
    for (version, creator_field, users) in [
        (RoomVersionId::V10, Some("@alice:h"), json!({ "@alice:h": 100 })),
        (RoomVersionId::V11, None, json!({ "@alice:h": 100 })),
        (RoomVersionId::V12, None, json!({})),
    ] {
        let mut asked = new_room(version.clone());
        asked.creation_content = object(json!({ "creator": "@mallory:h", "type": "m.space" }));
        let room = Room::create(asked, Policy::default()).unwrap();
        let create = content(&room, StateEventType::RoomCreate, "").unwrap();
        assert_eq!(create.get("creator").and_then(Value::as_str), creator_field, "version {version}");
        assert_eq!(create["type"], "m.space");
        let levels = content(&room, StateEventType::RoomPowerLevels, "").unwrap();
        assert_eq!(levels["users"], users, "version {version}");
    }
}

#[test]
fn in_a_trusted_chat_all_are_equally_powerful() {
    for version in ROOM_VERSIONS {
        let mut asked = new_room(version.clone());
        asked.preset = RoomPreset::TrustedPrivateChat;
        asked.invites = vec![user("bob")];
        asked.is_direct = true;
        let room = Room::create(asked, Policy::default()).unwrap();
        let levels = room.state.power_levels().unwrap();
        assert_eq!(levels.for_user(&user("bob")), levels.for_user(&user("alice")), "{version}");
        let invite = content(&room, StateEventType::RoomMember, "@bob:h").unwrap();
        assert_eq!((&invite["membership"], &invite["is_direct"]), (&json!("invite"), &json!(true)));
    }
}

#[test]
fn presets_are_those_of_the_specification() {
    for (preset, join_rule, guests) in [
        (RoomPreset::PrivateChat, "invite", "can_join"),
        (RoomPreset::TrustedPrivateChat, "invite", "can_join"),
        (RoomPreset::PublicChat, "public", "forbidden"),
    ] {
        let mut asked = new_room(RoomVersionId::V12);
        asked.preset = preset;
        let room = Room::create(asked, Policy::default()).unwrap();
        assert_eq!(content(&room, StateEventType::RoomJoinRules, "").unwrap()["join_rule"], join_rule);
        assert_eq!(content(&room, StateEventType::RoomGuestAccess, "").unwrap()["guest_access"], guests);
        let visibility = content(&room, StateEventType::RoomHistoryVisibility, "").unwrap();
        assert_eq!(visibility["history_visibility"], "shared");
    }
}

#[test]
fn encryption_is_always_on_when_the_server_requires_it() {
    let megolm = json!({ "algorithm": "m.megolm.v1.aes-sha2" });
    let plain = Policy { require_encryption: false, ..Policy::default() };
    let asked_for = |content: Value| {
        let mut asked = new_room(RoomVersionId::V12);
        asked.initial_state = vec![InitialState {
            event_type: "m.room.encryption".to_owned(),
            state_key: String::new(),
            content: object(content),
        }];
        asked
    };
    let on = |room: Room| content(&room, StateEventType::RoomEncryption, "");

    let by_default = Room::create(new_room(RoomVersionId::V12), Policy::default()).unwrap();
    assert_eq!(on(by_default), Some(megolm.clone()));
    let asked = Room::create(
        asked_for(json!({ "algorithm": "m.megolm.v1.aes-sha2", "rotation_period_msgs": 10 })),
        Policy::default(),
    );
    assert_eq!(on(asked.unwrap()).unwrap()["rotation_period_msgs"], 10);
    let other = Room::create(asked_for(json!({ "algorithm": "org.example.rot13" })), Policy::default());
    assert_eq!(other.err().unwrap().status, 403);
    assert_eq!(on(Room::create(new_room(RoomVersionId::V12), plain.clone()).unwrap()), None);
    assert_eq!(on(Room::create(asked_for(megolm.clone()), plain).unwrap()), Some(megolm));
}

#[test]
fn what_no_room_can_be_is_refused() {
    let state = |event_type: &str, content: Value| InitialState {
        event_type: event_type.to_owned(),
        state_key: String::new(),
        content: object(content),
    };
    let mut cases = Vec::new();
    cases.push((new_room(RoomVersionId::V2), "M_UNSUPPORTED_ROOM_VERSION"));
    let mut creator_in_levels = new_room(RoomVersionId::V12);
    creator_in_levels.power_level_override = object(json!({ "users": { "@alice:h": 100 } }));
    cases.push((creator_in_levels, "M_INVALID_ROOM_STATE"));
    let mut second_create = new_room(RoomVersionId::V12);
    second_create.initial_state = vec![state("m.room.create", json!({ "room_version": "12" }))];
    cases.push((second_create, "M_INVALID_ROOM_STATE"));
    let mut powerless = new_room(RoomVersionId::V11);
    powerless.power_level_override = object(json!({ "users": { "@alice:h": 0 } }));
    powerless.name = Some("Tea".to_owned());
    cases.push((powerless, "M_INVALID_ROOM_STATE"));
    let mut many = new_room(RoomVersionId::V12);
    many.invites = (0..=super::super::INVITES_MAX).map(|n| user(&format!("u{n}"))).collect();
    cases.push((many, "M_INVALID_PARAM"));
    for (asked, code) in cases {
        let rejection = Room::create(asked.clone(), Policy::default()).err().unwrap_or_else(|| panic!("{asked:?}"));
        assert_eq!((rejection.status, rejection.kind.errcode().to_string().as_str()), (400, code), "{rejection}");
    }
}
