//! Redactions: who may, what is left, and that an erased original is not missed.

use ruma::{OwnedEventId, RoomVersionId, events::StateEventType};
use serde_json::json;

use crate::{
    Aggregate, Fact,
    room::{ROOM_VERSIONS, RoomState, fixture::Room},
};

fn last(room: &Room) -> OwnedEventId {
    room.pdus().last().unwrap().event_id.clone()
}

#[test]
fn one_redacts_ones_own_and_admins_redact_all() {
    for version in ROOM_VERSIONS {
        for (author, redactor, allowed) in [
            ("bob", "bob", true),
            ("bob", "alice", true),
            ("alice", "bob", false),
            ("bob", "dora", false),
            ("bob", "fred", false),
        ] {
            let mut room = Room::new(version.clone());
            room.invite_and_join("bob");
            room.invite_and_join("dora");
            let event = room.encrypted(author).unwrap();
            let redacted = room.redact(redactor, &event);
            assert_eq!(redacted.is_ok(), allowed, "version {version}: {redactor} redacts {author}'s: {redacted:?}");
        }
    }
}

#[test]
fn a_redaction_leaves_the_pruned_pdu() {
    for version in ROOM_VERSIONS {
        let mut room = Room::new(version.clone());
        let event = room.encrypted("alice").unwrap();
        let position = room.facts.len() as u64 - 1;
        let redaction = room.redact("alice", &event).unwrap();
        let Some(Fact::PduPruned(pruned)) = room.facts.last() else { panic!("no pruned fact") };
        assert_eq!(pruned.pdu.event_id, event);
        assert_eq!(pruned.pdu.content.get(), "{}");
        assert_eq!((pruned.target_position, &pruned.redacted_by), (position, &redaction));
        assert_eq!(room.facts.last().unwrap().erases(), [position]);
        let by = room.pdus().last().unwrap();
        let names_in_content = by.content.get().contains(event.as_str());
        assert_eq!(names_in_content, [RoomVersionId::V11, RoomVersionId::V12].contains(&version), "version {version}");
        assert_eq!(by.redacts.as_ref(), (!names_in_content).then_some(&event).or(by.redacts.as_ref()));
    }
}

#[test]
fn what_holds_the_room_together_is_not_redacted() {
    let mut room = Room::new(RoomVersionId::V11);
    for event_type in [StateEventType::RoomCreate, StateEventType::RoomEncryption] {
        let event = room.state.get(&event_type, "").unwrap().event_id.clone();
        assert_eq!(room.redact("alice", &event).unwrap_err().status, 403, "{event_type}");
    }
}

#[test]
fn a_room_folded_without_the_erased_original_is_the_same() {
    for version in ROOM_VERSIONS {
        let mut room = Room::new(version);
        room.invite_and_join("bob");
        room.set("alice", "m.room.name", "", json!({ "name": "First" })).unwrap();
        let first = last(&room);
        room.set("alice", "m.room.topic", "", json!({ "topic": "Only" })).unwrap();
        let only = last(&room);
        room.set("alice", "m.room.name", "", json!({ "name": "Second" })).unwrap();
        for event in [&first, &only] {
            room.redact("alice", event).unwrap();
        }
        room.encrypted("bob").unwrap();

        let mut refolded = RoomState::default();
        let erased: Vec<u64> = room.facts.iter().flat_map(|fact| fact.erases().to_vec()).collect();
        for (position, fact) in room.facts.iter().enumerate() {
            if !erased.contains(&(position as u64)) {
                refolded.evolve(fact);
            }
        }
        let shown = |state: &RoomState| -> Vec<_> {
            state.iter().map(|(key, pdu)| (key.clone(), pdu.json.get().to_owned())).collect()
        };
        assert_eq!(shown(&refolded), shown(&room.state));
        assert_eq!(refolded.newest(), room.state.newest());
    }
}
