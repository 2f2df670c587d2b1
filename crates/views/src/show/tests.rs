//! Given facts, what one person is shown.

use ruma::device_id;
use serde_json::{Value, json};

use super::{ThreadScope, Viewer, render, thread_roots};
use crate::{
    END,
    fixture::{World, given, id, room, user},
    rooms::{RELATED_MAX, RelationFilter, entry_at, relations_of},
};

fn shown(world: &World, position: u64, viewer: &str, device: &str) -> Value {
    let (room, reader) = (room("r"), world.reader(viewer));
    let rows = world.rows();
    let row = entry_at(&*rows, room.as_str(), position).unwrap().unwrap();
    let viewer = Viewer { reader: &reader, device: Some(device.into()), now_ms: 0, with_room_id: false, sight: None };
    serde_json::from_str(render(&*rows, &room, &(position, row), viewer).unwrap().get()).unwrap()
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

/// Whatever else came after it, and however much.
#[test]
fn what_is_shown_with_an_event_has_a_bound_and_is_the_newest() {
    let relates = |rel_type: &str| json!({ "m.relates_to": { "rel_type": rel_type, "event_id": "$5" } });
    let mut world = given(1);
    world.member("r", "bob", "bob", "join");
    let first = world.send("r", "bob", "m.room.message", relates("m.reference"));
    let edit = world.send("r", "alice", "m.room.encrypted", relates("m.replace"));
    for _ in 0..RELATED_MAX {
        world.send("r", "bob", "m.room.encrypted", relates("m.replace"));
    }
    let newest = (0..150).map(|_| world.send("r", "bob", "m.room.message", relates("m.reference"))).last().unwrap();

    let unsigned = &shown(&world, 5, "bob", "D")["unsigned"]["m.relations"];
    let chunk = unsigned["m.reference"]["chunk"].as_array().unwrap();
    assert_eq!((chunk.len(), &chunk[99]["event_id"]), (100, &json!(id(newest))));
    assert!(chunk.iter().all(|reference| reference["event_id"] != id(first).as_str()));
    assert_eq!(unsigned["m.replace"]["event_id"], id(edit).as_str());

    world.redact("alice", edit);
    assert!(shown(&world, 5, "bob", "D")["unsigned"]["m.relations"].get("m.replace").is_none());
    world.assert_replay_is_equal();
}

#[test]
fn edits_of_what_was_redacted_are_the_same_in_a_replay() {
    let mut world = given(1);
    let edit = json!({ "m.relates_to": { "rel_type": "m.replace", "event_id": "$5" } });
    world.send("r", "alice", "m.room.encrypted", edit.clone());
    world.redact("alice", 5);
    world.assert_replay_is_equal();
    assert!(shown(&world, 5, "alice", "D")["unsigned"].get("m.relations").is_none());
    world.send("r", "alice", "m.room.encrypted", edit);
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
    let sight = world.sight("r", "alice");
    let listed = |scope, through, limit| thread_roots(&*world.rows(), &room("r"), &sight, scope, through, limit).unwrap();
    assert_eq!(listed(ThreadScope::All, END, 10), [(a_again, id(5)), (b, id(6))]);
    assert_eq!(listed(ThreadScope::All, END, 1), [(a_again, id(5))]);
    assert_eq!(listed(ThreadScope::All, a_again - 1, 10), [(b, id(6))], "the next page has no thread twice");
    assert!(listed(ThreadScope::All, a, 10).is_empty());
    assert_eq!(listed(ThreadScope::Participated(&user("bob")), END, 10), [(a_again, id(5))]);
}

#[test]
fn a_device_of_its_own_is_no_other() {
    // Guards the comparison in `render`, where a viewer without a device must not match anything.
    let world = given(1);
    let (rows, room, alice) = (world.rows(), room("r"), world.reader("alice"));
    let row = entry_at(&*rows, room.as_str(), 5).unwrap().unwrap();
    assert_eq!(row.transaction.as_ref().unwrap().device_id, device_id!("PHONE"));
    let viewer = Viewer { reader: &alice, device: None, now_ms: 0, with_room_id: true, sight: None };
    let event: Value = serde_json::from_str(render(&*rows, &room, &(5, row), viewer).unwrap().get()).unwrap();
    assert!(event["unsigned"].get("transaction_id").is_none());
    assert_eq!(event["room_id"], room.as_str());
}
