//! Given facts, what the queries of the rooms view answer.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::{
    END,
    fixture::{World, given, room, user},
};

fn positions(entries: &[Entry]) -> Vec<u64> {
    entries.iter().map(|(position, _)| *position).collect()
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
        let found = newest_of_timeline(&*rows, &room, (since, END), limit, |_| false).unwrap();
        assert_eq!((positions(&found.entries), found.limited), (expected, limited), "since {since}, limit {limit}");
    }
}

#[test]
fn what_is_passed_over_takes_no_place() {
    let mut world = given(2);
    world.member("r", "mallory", "mallory", "join");
    for _ in 0..5 {
        world.send("r", "mallory", "m.room.encrypted", json!({}));
    }
    let by_mallory = |entry: &Entry| entry.1.sender == user("mallory") && entry.1.state_key.is_none();
    for ((after, through), limit, expected, limited, oldest) in [
        ((0, END), 3, vec![5, 6, 7], true, Some(5)),
        ((0, END), 5, vec![1, 2, 5, 6, 7], false, Some(1)),
        ((7, END), 2, vec![], false, Some(8)),
        ((7, END), 9, vec![], false, Some(8)),
        ((0, 6), 1, vec![6], true, Some(6)),
        ((12, END), 1, vec![], false, None),
    ] {
        let found = newest_of_timeline(&*world.rows(), &room("r"), (after, through), limit, by_mallory).unwrap();
        let told = (positions(&found.entries), found.limited, found.oldest);
        assert_eq!(told, (expected, limited, oldest), "after {after} through {through}, limit {limit}");
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
        let found = nearest_to_time(&*rows, &room("r"), ts_ms, forwards, |_| true).unwrap().map(|(position, _)| position);
        assert_eq!(found, expected, "{ts_ms} forwards: {forwards}");
    }
    let is_shown = |entry: &Entry| entry.0 != 7;
    for (forwards, expected) in [(true, Some(8)), (false, Some(6))] {
        let found = nearest_to_time(&*rows, &room("r"), 7_000, forwards, is_shown).unwrap();
        assert_eq!(found.map(|(position, _)| position), expected, "the next one is found");
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
