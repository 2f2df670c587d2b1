//! What is left in a room of a person who is erased, and that the originals are not missed.

use ruma::{OwnedEventId, RoomVersionId};
use serde_json::Value;

use crate::{
    Aggregate, Fact,
    room::{
        ErasePerson, ROOM_VERSIONS, RoomState,
        fixture::{Room, user},
    },
};

/// Bob writes, redacts, and is named; Alice writes too.
fn given(version: RoomVersionId) -> Room {
    let mut room = Room::new(version);
    room.invite_and_join("bob");
    room.encrypted("alice").unwrap();
    let wrong = room.encrypted("bob").unwrap();
    room.encrypted("bob").unwrap();
    room.redact("bob", &wrong).unwrap();
    room.known.to_be_erased.insert(user("bob"));
    room
}

fn all(room: &Room) -> Vec<OwnedEventId> {
    room.pdus().map(|pdu| pdu.event_id.clone()).collect()
}

fn erase(room: &mut Room) -> usize {
    let (before, room_id, event_ids) = (room.facts.len(), room.state.id().unwrap().clone(), all(room));
    room.when(ErasePerson { room_id, user_id: user("bob"), event_ids }).unwrap();
    room.facts.len() - before
}

fn json(state: &RoomState) -> Value {
    serde_json::to_value(state).unwrap()
}

#[test]
fn messages_go_and_memberships_say_no_more_than_that_they_are_some() {
    for version in ROOM_VERSIONS {
        let mut room = given(version.clone());
        let before = room.facts.len();
        erase(&mut room);
        let kinds: Vec<_> = room.facts[before..].iter().map(|fact| fact.encode().unwrap().kind).collect();
        assert_eq!(kinds.iter().filter(|kind| **kind == "room.expired").count(), 1, "version {version}: {kinds:?}");
        for fact in &room.facts[before..] {
            let Fact::PduErased(erased) = fact else { continue };
            assert!(!erased.pdu.content.get().contains("displayname"), "{}", erased.pdu.content);
        }
        let names = |fact: &&Fact| matches!(fact, Fact::PduErased(erased) if erased.pdu.state_key.is_some());
        assert_eq!(room.facts[before..].iter().filter(names).count(), 2, "invite and join: {kinds:?}");
        assert_eq!(erase(&mut room), 0, "version {version}: nothing is erased twice");
        let erased: Vec<u64> = room.facts.iter().flat_map(|fact| fact.erases().to_vec()).collect();
        let mut replayed = RoomState::default();
        for (position, fact) in room.facts.iter().enumerate() {
            if !erased.contains(&(position as u64)) {
                replayed.evolve(fact);
            }
        }
        assert_eq!(json(&replayed), json(&room.state), "version {version}");
    }
}

#[test]
fn nothing_is_erased_of_whoever_is_not_to_be() {
    let mut room = given(RoomVersionId::V11);
    room.known.to_be_erased.clear();
    let (room_id, event_ids) = (room.state.id().unwrap().clone(), all(&room));
    let refused = room.when(ErasePerson { room_id, user_id: user("bob"), event_ids }).unwrap_err();
    assert_eq!(refused.status, 403);
}
