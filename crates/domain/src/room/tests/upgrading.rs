//! Upgrades: what moves to the new room, and what becomes of the old one.

use ruma::{RoomVersionId, events::StateEventType};
use serde_json::{Value, json};

use crate::{
    Aggregate, Command, Decision, Fact,
    room::{
        MembershipAction, RoomState, UpgradeRoom,
        fixture::{Room, user},
    },
};

fn upgrade(room: &Room, sender: &str, version: RoomVersionId) -> Result<(RoomState, RoomState), crate::Rejection> {
    let command = UpgradeRoom { room_id: room.id(), sender: user(sender), version, additional_creators: Vec::new() };
    let Decision::Accept { facts, reply } = command.decide(&room.state, &room.context())? else {
        panic!("an upgrade is never done before");
    };
    let (mut old, mut new) = (room.state.clone(), RoomState::default());
    for new_fact in facts {
        let (stream, fact) = new_fact.on(&RoomState::stream(&room.id()));
        let of_new = stream == RoomState::stream(&reply);
        if of_new { &mut new } else { &mut old }.evolve(&fact);
        assert!(matches!(fact, Fact::PduAdded(_) | Fact::RoomUpgraded(_)));
    }
    Ok((old, new))
}

fn content(state: &RoomState, event_type: StateEventType, key: &str) -> Value {
    state.get(&event_type, key).map(|pdu| pdu.content_as().unwrap()).unwrap_or_default()
}

#[test]
fn an_upgrade_takes_the_set_up_along() {
    for (from, to) in [
        (RoomVersionId::V10, RoomVersionId::V11),
        (RoomVersionId::V11, RoomVersionId::V12),
        (RoomVersionId::V12, RoomVersionId::V12),
        (RoomVersionId::V10, RoomVersionId::V10),
        (RoomVersionId::V6, RoomVersionId::V9),
        (RoomVersionId::V12, RoomVersionId::V11),
    ] {
        let mut room = Room::new(from.clone());
        room.set("alice", "m.room.name", "", json!({ "name": "Tea" })).unwrap();
        room.invite_and_join("bob");
        room.act("alice", MembershipAction::Ban, "eve").unwrap();
        room.known.room_of_alias = Some(room.id());
        room.set("alice", "m.room.canonical_alias", "", json!({ "alias": "#tea:h" })).unwrap();
        let (old, new) = upgrade(&room, "alice", to.clone()).unwrap();
        assert_eq!(content(&new, StateEventType::RoomCanonicalAlias, "")["alias"], "#tea:h");
        assert_eq!(content(&old, StateEventType::RoomCanonicalAlias, ""), json!({}));
        assert_eq!(new.version().unwrap(), &to);
        assert_eq!(content(&new, StateEventType::RoomName, "")["name"], "Tea");
        assert_eq!(content(&new, StateEventType::RoomEncryption, "")["algorithm"], "m.megolm.v1.aes-sha2");
        assert_eq!(new.membership(&user("eve")).as_str(), "ban", "{from} to {to}");
        assert_eq!(new.membership(&user("bob")).as_str(), "leave", "members follow the tombstone by themselves");
        let predecessor = &content(&new, StateEventType::RoomCreate, "")["predecessor"];
        assert_eq!(predecessor["room_id"], room.state.id().unwrap().as_str());
        let named = old.get(&StateEventType::RoomTombstone, "").map(|pdu| pdu.event_id.to_string());
        assert_eq!(predecessor["event_id"].as_str(), named.as_deref().filter(|_| to != RoomVersionId::V12));
        let tombstone = content(&old, StateEventType::RoomTombstone, "");
        assert_eq!(tombstone["replacement_room"], new.id().unwrap().as_str());
        assert_eq!(content(&old, StateEventType::RoomPowerLevels, "")["events_default"], 50);
        let levels = content(&new, StateEventType::RoomPowerLevels, "");
        assert_eq!(levels["users"].get("@alice:h").is_some(), to != RoomVersionId::V12);
    }
}

#[test]
fn an_upgrade_takes_power() {
    let mut room = Room::new(RoomVersionId::V11);
    room.invite_and_join("bob");
    assert_eq!(upgrade(&room, "bob", RoomVersionId::V12).err().unwrap().status, 403);
    assert_eq!(upgrade(&room, "fred", RoomVersionId::V12).err().unwrap().status, 403);
}
