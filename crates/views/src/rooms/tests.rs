//! Given facts, what the queries of the rooms view answer.

use proptest::prelude::*;
use ruma::device_id;
use serde_json::{Value, json};

use super::*;
use crate::{
    END,
    fixture::{World, id, room, user},
    membership::Sight,
};

fn positions(entries: &[Entry]) -> Vec<u64> {
    entries.iter().map(|(position, _)| *position).collect()
}

/// A room with `count` messages after its first two PDUs, and another room in between.
fn given(count: u64) -> World {
    let mut world = World::default();
    world.create("r", "alice");
    world.create("other", "bob");
    for _ in 0..count {
        world.send("r", "alice", "m.room.encrypted", json!({ "ciphertext": "x" }));
    }
    world
}

fn shown(world: &World, position: u64, viewer: &str, device: &str) -> Value {
    let (room, viewer) = (room("r"), user(viewer));
    let rows = world.rows();
    let row = entry_at(&*rows, room.as_str(), position).unwrap().unwrap();
    let viewer = Viewer { user: &viewer, device: Some(device.into()), with_room_id: false, sight: None };
    serde_json::from_str(render(&*rows, &room, &(position, row), viewer).unwrap().get()).unwrap()
}

#[test]
fn pages_meet_without_gap_or_overlap() {
    let world = given(7);
    let (rows, room) = (world.rows(), room("r"));
    assert_eq!(positions(&timeline_before(&*rows, &room, END, 3).unwrap()), [11, 10, 9]);
    assert_eq!(positions(&timeline_before(&*rows, &room, 8, 3).unwrap()), [8, 7, 6]);
    assert_eq!(positions(&timeline_before(&*rows, &room, 5, 3).unwrap()), [5, 2, 1]);
    assert_eq!(positions(&timeline_after(&*rows, &room, 0, 3).unwrap()), [1, 2, 5]);
    assert_eq!(positions(&timeline_after(&*rows, &room, 5, 3).unwrap()), [6, 7, 8]);
    assert_eq!((oldest_position(&*rows, &room).unwrap(), newest_position(&*rows, &room).unwrap()), (Some(1), Some(11)));
}

#[test]
fn a_sync_is_told_when_there_was_more() {
    let world = given(7);
    let (rows, room) = (world.rows(), room("r"));
    for (since, limit, expected, limited) in [
        (11, 5, vec![], false),
        (9, 5, vec![10, 11], false),
        (9, 2, vec![10, 11], false),
        (9, 1, vec![11], true),
        (0, 3, vec![9, 10, 11], true),
    ] {
        let found = timeline_since(&*rows, &room, since, limit).unwrap();
        assert_eq!((positions(&found.entries), found.limited), (expected, limited), "since {since}, limit {limit}");
    }
}

#[test]
fn state_is_known_at_every_position() {
    let mut world = World::default();
    world.create("r", "alice");
    let first = world.set("r", "alice", "m.room.name", "", json!({ "name": "First" }));
    let topic = world.set("r", "alice", "m.room.topic", "", json!({ "topic": "T" }));
    let second = world.set("r", "alice", "m.room.name", "", json!({ "name": "Second" }));
    let (rows, room) = (world.rows(), room("r"));
    let name_at = |at| state_event_at(&*rows, &room, "m.room.name", "", at).unwrap().map(|(position, _)| position);
    assert_eq!(
        [name_at(2), name_at(first), name_at(topic), name_at(second)],
        [None, Some(first), Some(first), Some(second)]
    );
    assert_eq!(state_event(&*rows, &room, "m.room.name", "").unwrap().unwrap().0, second);
    let key = |event_type: &str| (event_type.to_owned(), String::new());
    assert_eq!(state_at(&*rows, &room, first).unwrap().get(&key("m.room.name")), Some(&first));
    assert_eq!(state_at(&*rows, &room, END).unwrap(), current_state(&*rows, &room).unwrap());
    let changed = state_changes(&*rows, &room, first, second).unwrap();
    assert_eq!(changed.into_iter().collect::<Vec<_>>(), [(key("m.room.name"), second), (key("m.room.topic"), topic)]);
    assert!(state_changes(&*rows, &room, second, END).unwrap().is_empty());
}

#[test]
fn only_the_sending_device_sees_its_transaction() {
    let world = given(1);
    for (viewer, device, sees) in [("alice", "PHONE", true), ("alice", "LAPTOP", false), ("bob", "PHONE", false)] {
        let event = shown(&world, 5, viewer, device);
        assert_eq!(event["unsigned"].get("transaction_id").is_some(), sees, "{viewer} on {device}");
        assert!(event.get("room_id").is_none());
    }
}

#[test]
fn state_shows_what_it_replaced() {
    let mut world = World::default();
    world.create("r", "alice");
    let first = world.set("r", "alice", "m.room.name", "", json!({ "name": "First" }));
    let second = world.set("r", "alice", "m.room.name", "", json!({ "name": "Second" }));
    assert!(shown(&world, first, "alice", "D")["unsigned"].get("prev_content").is_none());
    let unsigned = &shown(&world, second, "alice", "D")["unsigned"];
    assert_eq!(unsigned["prev_content"], json!({ "name": "First" }));
    assert_eq!(unsigned["replaces_state"], id(first).as_str());
    assert_eq!(unsigned["membership"], "join");
}

#[test]
fn a_redacted_event_is_pruned_and_says_why() {
    let mut world = given(2);
    let redaction = world.redact("alice", 5);
    let event = shown(&world, 5, "alice", "PHONE");
    assert_eq!(event["content"], json!({}));
    assert_eq!(event["unsigned"]["redacted_because"]["event_id"], id(redaction).as_str());
    let because = shown(&world, redaction, "alice", "PHONE");
    assert_eq!((&because["redacts"], &because["content"]["redacts"]), (&json!("$5"), &json!("$5")));
    world.assert_replay_is_equal();
}

#[test]
fn relations_are_found_aggregated_and_forgotten() {
    let relates =
        |rel_type: &str, to: u64| json!({ "m.relates_to": { "rel_type": rel_type, "event_id": format!("${to}") } });
    let mut world = given(2);
    world.member("r", "bob", "bob", "join");
    let reply = world.send("r", "bob", "m.room.encrypted", relates("m.thread", 5));
    let edit = world.send("r", "alice", "m.room.encrypted", relates("m.replace", 5));
    world.send("r", "bob", "m.room.encrypted", relates("m.replace", 5));
    let of_reply = world.send("r", "alice", "m.reaction", relates("m.annotation", reply));
    let found = |world: &World, filter: RelationFilter<'_>| -> Vec<u64> {
        let found = relations_of(&*world.rows(), &room("r"), &id(5), filter).unwrap();
        found.into_iter().map(|(position, _)| position).collect()
    };
    assert_eq!(found(&world, RelationFilter::default()), [reply, edit, edit + 1]);
    let threads = RelationFilter { rel_type: Some("m.thread"), ..RelationFilter::default() };
    assert_eq!(found(&world, threads), [reply]);
    let all = RelationFilter { recurse: true, ..RelationFilter::default() };
    assert_eq!(found(&world, all), [reply, edit, edit + 1, of_reply]);

    let bundled = &shown(&world, 5, "bob", "D")["unsigned"]["m.relations"];
    assert_eq!(bundled["m.replace"]["event_id"], id(edit).as_str(), "an edit by somebody else does not count");
    assert_eq!(
        (&bundled["m.thread"]["count"], &bundled["m.thread"]["current_user_participated"]),
        (&json!(1), &json!(true))
    );

    world.redact("bob", reply);
    assert_eq!(found(&world, threads), Vec::<u64>::new());
    assert!(shown(&world, 5, "bob", "D")["unsigned"]["m.relations"].get("m.thread").is_none());
    world.assert_replay_is_equal();
}

#[test]
fn threads_are_listed_by_their_newest_reply() {
    let reply = |to: u64| json!({ "m.relates_to": { "rel_type": "m.thread", "event_id": format!("${to}") } });
    let mut world = given(3);
    world.member("r", "bob", "bob", "join");
    let a = world.send("r", "bob", "m.room.encrypted", reply(5));
    let b = world.send("r", "alice", "m.room.encrypted", reply(6));
    let a_again = world.send("r", "alice", "m.room.encrypted", reply(5));
    let sight = Sight::load(&*world.rows(), &room("r"), &user("alice")).unwrap();
    let listed = |scope, through, limit| thread_roots(&*world.rows(), &room("r"), &sight, scope, through, limit).unwrap();
    assert_eq!(listed(ThreadScope::All, END, 10), [(a_again, id(5)), (b, id(6))]);
    assert_eq!(listed(ThreadScope::All, END, 1), [(a_again, id(5))]);
    assert_eq!(listed(ThreadScope::All, a_again - 1, 10), [(b, id(6))], "the next page has no thread twice");
    assert!(listed(ThreadScope::All, a, 10).is_empty());
    assert_eq!(listed(ThreadScope::Participated(&user("bob")), END, 10), [(a_again, id(5))]);
}

#[test]
fn the_event_nearest_to_a_moment_is_found() {
    let world = given(7);
    let rows = world.rows();
    for (ts_ms, forwards, expected) in [
        (0, true, Some(1)),
        (0, false, None),
        (1_000, false, Some(1)),
        (2_500, true, Some(5)),
        (2_500, false, Some(2)),
        (7_000, true, Some(7)),
        (7_000, false, Some(7)),
        (7_001, true, Some(8)),
        (99_000, true, None),
        (99_000, false, Some(11)),
    ] {
        let found = nearest_to_time(&*rows, &room("r"), ts_ms, forwards).unwrap().map(|(position, _)| position);
        assert_eq!(found, expected, "{ts_ms} forwards: {forwards}");
    }
}

#[test]
fn who_is_invited_is_shown_what_the_room_is() {
    let mut world = World::default();
    world.create("r", "alice");
    world.set("r", "alice", "m.room.name", "", json!({ "name": "Tea" }));
    world.set("r", "alice", "org.example.secret", "", json!({ "x": 1 }));
    world.send("r", "alice", "m.room.encrypted", json!({}));
    world.member("r", "alice", "bob", "invite");
    let stripped = stripped_state(&*world.rows(), &room("r"), &user("bob")).unwrap();
    let stripped: Vec<Value> = stripped.iter().map(|json| serde_json::from_str(json.get()).unwrap()).collect();
    let shown: Vec<_> = stripped.iter().map(|s| (s["type"].as_str().unwrap(), s["state_key"].as_str().unwrap())).collect();
    let expected = [("m.room.create", ""), ("m.room.name", ""), ("m.room.member", "@alice:h"), ("m.room.member", "@bob:h")];
    assert_eq!(shown, expected);
    assert!(stripped[0].get("event_id").is_none());
}

#[test]
fn a_device_of_its_own_is_no_other() {
    // Guards the comparison in `render`, where a viewer without a device must not match anything.
    let world = given(1);
    let (rows, room, alice) = (world.rows(), room("r"), user("alice"));
    let row = entry_at(&*rows, room.as_str(), 5).unwrap().unwrap();
    assert_eq!(row.transaction.as_ref().unwrap().device_id, device_id!("PHONE"));
    let viewer = Viewer { user: &alice, device: None, with_room_id: true, sight: None };
    let event: Value = serde_json::from_str(render(&*rows, &room, &(5, row), viewer).unwrap().get()).unwrap();
    assert!(event["unsigned"].get("transaction_id").is_none());
    assert_eq!(event["room_id"], room.as_str());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    /// Invariant *replay equality*: whatever was said, set and redacted, erased payloads are not missed.
    #[test]
    fn replay_is_equal_whatever_is_redacted(deeds in prop::collection::vec((0..4_u8, 0..24_u64), 1..24)) {
        let mut world = given(1);
        for (deed, number) in deeds {
            match deed {
                0 => { world.send("r", "alice", "m.room.encrypted", json!({ "n": number })); }
                1 => { world.set("r", "alice", "m.room.name", "", json!({ "name": number })); }
                2 => {
                    let to = json!({ "rel_type": "m.thread", "event_id": format!("${number}") });
                    world.send("r", "alice", "m.room.encrypted", json!({ "m.relates_to": to }));
                }
                _ => {
                    let newest = newest_position(&*world.rows(), &room("r")).unwrap().unwrap();
                    let target = timeline_before(&*world.rows(), &room("r"), newest.saturating_sub(number).max(1), 1).unwrap();
                    if let Some((position, row)) = target.first()
                        && row.redacted_by.is_none()
                    {
                        world.redact("alice", *position);
                    }
                }
            }
        }
        world.assert_replay_is_equal();
    }
}
