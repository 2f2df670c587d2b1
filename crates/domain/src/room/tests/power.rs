//! Who may set which state.

use ruma::RoomVersionId;
use serde_json::{Value, json};

use crate::room::{ROOM_VERSIONS, fixture::Room};

/// Alice made the room; mod has level 50; bob none.
fn given(version: RoomVersionId) -> Room {
    let mut room = Room::new(version);
    room.invite_and_join("bob");
    room.invite_and_join("mod");
    let mut levels = levels(&room);
    levels["users"]["@mod:h"] = json!(50);
    room.set("alice", "m.room.power_levels", "", levels).unwrap();
    room
}

fn levels(room: &Room) -> Value {
    room.state.get(&ruma::events::StateEventType::RoomPowerLevels, "").unwrap().content_as().unwrap()
}

#[test]
fn state_takes_the_power_that_the_levels_say() {
    for version in ROOM_VERSIONS {
        for (sender, event_type, key, allowed) in [
            ("alice", "m.room.name", "", true),
            ("mod", "m.room.name", "", true),
            ("bob", "m.room.name", "", false),
            ("fred", "m.room.name", "", false),
            ("alice", "m.room.history_visibility", "", true),
            ("mod", "m.room.history_visibility", "", false),
            ("mod", "m.room.tombstone", "", false),
            ("alice", "m.room.tombstone", "", true),
            ("alice", "m.room.create", "", false),
            ("mod", "org.example.note", "", true),
            ("mod", "org.example.note", "@mod:h", true),
            ("mod", "org.example.note", "@bob:h", false),
            ("bob", "org.example.note", "", false),
        ] {
            let mut room = given(version.clone());
            let set = room.set(sender, event_type, key, json!({ "history_visibility": "shared", "x": 1 }));
            assert_eq!(set.is_ok(), allowed, "version {version}: {sender} sets {event_type} {key:?}: {set:?}");
        }
    }
}

#[test]
fn nobody_gives_more_power_than_they_have() {
    for version in ROOM_VERSIONS {
        for (sender, user, level, allowed) in [
            ("alice", "@bob:h", 100, true),
            ("mod", "@bob:h", 50, false),
            ("bob", "@bob:h", 100, false),
            ("alice", "@mod:h", 0, true),
        ] {
            let mut room = given(version.clone());
            let mut levels = levels(&room);
            levels["users"][user] = json!(level);
            let set = room.set(sender, "m.room.power_levels", "", levels);
            assert_eq!(set.is_ok(), allowed, "version {version}: {sender} gives {user} {level}: {set:?}");
        }
    }
}

#[test]
fn the_creator_of_a_version_12_room_is_above_all_levels() {
    let mut room = given(RoomVersionId::V12);
    let mut with_creator = levels(&room);
    with_creator["users"]["@alice:h"] = json!(100);
    assert_eq!(room.set("alice", "m.room.power_levels", "", with_creator).unwrap_err().status, 403);
    let mut out_of_reach = levels(&room);
    out_of_reach["events"]["m.room.name"] = json!(1_000_000);
    room.set("alice", "m.room.power_levels", "", out_of_reach).unwrap();
    room.set("alice", "m.room.name", "", json!({ "name": "Tea" })).unwrap();
    assert_eq!(room.set("mod", "m.room.name", "", json!({ "name": "Milk" })).unwrap_err().status, 403);
}
