//! What is due when, and that an expired message is nowhere.

use proptest::prelude::*;
use ruma::OwnedRoomId;
use serde_json::json;

use super::*;
use crate::{
    fixture::{World, id, room},
    receipts::unread,
    rooms::{RelationFilter, entry_of, newest_position, relations_of, timeline_after},
};

fn due(world: &World, now_ms: u64) -> Vec<OwnedRoomId> {
    due_rooms(&*world.rows(), now_ms, 10).unwrap()
}

fn given() -> World {
    let mut world = World::default();
    world.create("r", "alice");
    world.member("r", "bob", "bob", "join");
    world
}

#[test]
fn rooms_are_due_when_a_moment_has_passed() {
    let mut world = given();
    world.create("s", "bob");
    let [a, b] = ["r", "s"].map(|room| world.send(room, "bob", "m.room.encrypted", json!({})));
    assert_eq!(next_moment(&*world.rows()).unwrap(), None);
    world.set_expiry(a, 2_000);
    world.set_expiry(b, 1_000);
    for (now_ms, expected) in [(999, vec![]), (1_000, vec![room("s")]), (2_000, vec![room("s"), room("r")])] {
        assert_eq!(due(&world, now_ms), expected, "at {now_ms}");
    }
    world.set_expiry(a, 500);
    assert_eq!((due(&world, 999), next_moment(&*world.rows()).unwrap()), (vec![room("r")], Some(500)));
    world.expire(a);
    assert_eq!((due(&world, u64::MAX), next_moment(&*world.rows()).unwrap()), (vec![room("s")], Some(1_000)));
    world.redact("bob", b);
    assert_eq!(next_moment(&*world.rows()).unwrap(), None, "what is redacted has nothing left to expire");
    world.assert_replay_is_equal();
}

#[test]
fn an_expired_message_is_nowhere() {
    let mut world = given();
    let root = world.send("r", "alice", "m.room.encrypted", json!({}));
    let relates = json!({ "m.relates_to": { "rel_type": "m.reference", "event_id": format!("${root}") } });
    let signal = world.send("r", "bob", "m.room.encrypted", relates);
    let unread_of_alice =
        |world: &World| unread(&*world.rows(), &room("r"), &world.reader("alice")).unwrap().notification_count;
    let references =
        |world: &World| relations_of(&*world.rows(), &room("r"), &id(root), RelationFilter::default()).unwrap().len();
    assert_eq!((unread_of_alice(&world), references(&world)), (1, 1));
    world.set_expiry(signal, 1);
    world.expire(signal);
    assert_eq!((unread_of_alice(&world), references(&world)), (0, 0));
    let rows = world.rows();
    assert!(entry_of(&*rows, &room("r"), &id(signal)).unwrap().is_none());
    assert!(timeline_after(&*rows, &room("r"), root, 10).unwrap().is_empty());
    assert_eq!(newest_position(&*rows, &room("r")).unwrap(), Some(root));
    drop(rows);
    world.assert_replay_is_equal();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    /// Invariant *replay equality*: whatever was sent, redacted and expired, erased payloads are not missed.
    #[test]
    fn replay_is_equal_whatever_expires(deeds in prop::collection::vec((0..5_u8, 0..16_usize), 1..32)) {
        let mut world = given();
        let mut sent = vec![world.send("r", "alice", "m.room.encrypted", json!({}))];
        for (deed, number) in deeds {
            let target = sent[number % sent.len()];
            let exists = entry_of(&*world.rows(), &room("r"), &id(target)).unwrap();
            match (deed, exists) {
                (0 | 1, _) => {
                    let to = json!({ "rel_type": "m.thread", "event_id": format!("${target}") });
                    let sender = if number % 2 == 0 { "alice" } else { "bob" };
                    sent.push(world.send("r", sender, "m.room.encrypted", json!({ "m.relates_to": to })));
                }
                (2, Some((_, row))) if row.redacted_by.is_none() => { world.redact("alice", target); }
                (3, Some(_)) => { world.set_expiry(target, number as u64); }
                (4, Some(_)) => { world.expire(target); }
                _ => {}
            }
        }
        world.assert_replay_is_equal();
    }
}
