//! Who may say that a message expires, what then goes, and that the erased message is not missed.

use ruma::{OwnedEventId, RoomVersionId, events::room::member::MembershipState};
use serde_json::json;

use crate::{
    Aggregate, Fact, Rejection,
    room::{
        EXPIRES_AFTER_MS_MAX, EXPIRIES_OF_ONE_MAX, EndExpiries, MembershipAction, ROOM_VERSIONS, RoomState, SendMessage,
        SetExpiry,
        fixture::{Room, object, transaction, user},
    },
};

const DAY_MS: u64 = 86_400_000;

fn set(room: &mut Room, sender: &str, event_id: &OwnedEventId, after_ms: u64) -> Result<Option<u64>, Rejection> {
    let (room_id, event_id) = (room.id(), event_id.clone());
    room.when(SetExpiry { room_id, sender: user(sender), event_id, expires_after_ms: after_ms })
}

fn end(room: &mut Room) -> Result<Option<usize>, Rejection> {
    room.when(EndExpiries { room_id: room.id() })
}

fn gone(room: &Room) -> Vec<OwnedEventId> {
    let expired = room.facts.iter().filter_map(|fact| match fact {
        Fact::PduExpired(expired) => Some(expired.target.event_id.clone()),
        _ => None,
    });
    expired.collect()
}

#[test]
fn only_who_is_in_the_room_lets_messages_expire() {
    let mut room = Room::new(RoomVersionId::V12);
    room.invite_and_join("bob");
    let message = room.encrypted("bob").unwrap();
    for out in [MembershipAction::Kick, MembershipAction::Ban] {
        room.act("alice", out, "bob").unwrap();
        assert_eq!(set(&mut room, "bob", &message, 0).unwrap_err().status, 403);
    }
}

#[test]
fn nobody_takes_up_the_expiries_of_a_room_alone() {
    let mut room = Room::new(RoomVersionId::V12);
    room.invite_and_join("bob");
    let mut set_one = |sender: &str| {
        let message = room.encrypted(sender).unwrap();
        set(&mut room, sender, &message, DAY_MS).map_err(|rejection| rejection.status)
    };
    for _ in 0..EXPIRIES_OF_ONE_MAX {
        set_one("bob").unwrap();
    }
    assert_eq!(set_one("bob").unwrap_err(), 429);
    assert!(set_one("alice").is_ok(), "the others still have theirs");
}

#[test]
fn only_the_sender_lets_only_messages_expire_within_a_day() {
    let mut room = Room::new(RoomVersionId::V12);
    room.invite_and_join("bob");
    let message = room.encrypted("bob").unwrap();
    room.set("alice", "m.room.name", "", json!({ "name": "Tea" })).unwrap();
    let state = room.pdus().last().unwrap().event_id.clone();
    assert_eq!(set(&mut room, "dora", &message, 1_000).unwrap_err().status, 404, "who may not see it");
    room.known.membership = Some(MembershipState::Join);
    for (sender, event, after_ms, refused) in [
        ("bob", &message, DAY_MS, None),
        ("bob", &message, 0, None),
        ("alice", &message, 1_000, Some(403)),
        ("dora", &message, 1_000, Some(403)),
        ("alice", &state, 1_000, Some(403)),
        ("bob", &message, EXPIRES_AFTER_MS_MAX + 1, Some(400)),
        ("bob", &message, u64::MAX, Some(400)),
    ] {
        let answer = set(&mut room, sender, event, after_ms).map_err(|rejection| rejection.status);
        assert_eq!(answer.as_ref().err().copied(), refused, "{sender}, {event}, {after_ms}: {answer:?}");
    }
    // Made at the same moment in the same version, it would have the same id.
    let mut other = Room::new(RoomVersionId::V11);
    other.known.events.clone_from(&room.known.events);
    let elsewhere = set(&mut other, "bob", &message, 1);
    assert_eq!(elsewhere.unwrap_err().status, 404, "a message of another room");
}

#[test]
fn the_earlier_moment_counts() {
    let mut room = Room::new(RoomVersionId::V12);
    let message = room.encrypted("alice").unwrap();
    // The clock of the room goes on by a millisecond with every decision.
    for (after_ms, is_news) in [(10_000, true), (10_000, false), (20_000, false), (5_000, true), (9_000, false), (0, true)] {
        let before = room.facts.len();
        let answer = set(&mut room, "alice", &message, after_ms).unwrap();
        assert_eq!((answer.is_some(), room.facts.len() > before), (is_news, is_news), "after {after_ms}");
    }
}

#[test]
fn what_is_due_goes_and_nothing_else() {
    let mut room = Room::new(RoomVersionId::V12);
    let [now, later, never, redacted] = [(); 4].map(|()| room.encrypted("alice").unwrap());
    set(&mut room, "alice", &now, 0).unwrap();
    set(&mut room, "alice", &later, 10_000).unwrap();
    set(&mut room, "alice", &redacted, 0).unwrap();
    room.redact("alice", &redacted).unwrap();
    let position = room.known.events[&now].position;
    assert_eq!(end(&mut room).unwrap(), Some(1));
    assert_eq!(gone(&room), [now]);
    assert_eq!(room.facts.last().unwrap().erases(), [position]);
    assert_eq!(end(&mut room).unwrap(), None, "nothing is left to go");
    assert!(!gone(&room).contains(&never));
}

#[test]
fn nothing_of_the_content_is_kept() {
    let mut room = Room::new(RoomVersionId::V12);
    let marker = "marker-of-the-content";
    let message = room.send("alice", "m.room.encrypted", json!({ "ciphertext": marker })).unwrap();
    set(&mut room, "alice", &message, 0).unwrap();
    end(&mut room).unwrap();
    let erased: Vec<u64> = room.facts.iter().flat_map(|fact| fact.erases().to_vec()).collect();
    for (position, fact) in room.facts.iter().enumerate() {
        let text = String::from_utf8(fact.encode().unwrap().payload).unwrap();
        assert_eq!(text.contains(marker), erased.contains(&(position as u64)), "at {position}: {text}");
    }
}

#[test]
fn a_room_folded_without_the_expired_message_goes_on_the_same() {
    for version in ROOM_VERSIONS {
        for is_newest in [true, false] {
            let mut room = Room::new(version.clone());
            let send = SendMessage {
                room_id: room.id(),
                sender: user("alice"),
                event_type: "m.room.encrypted".into(),
                content: object(json!({ "ciphertext": "x" })),
                transaction: transaction("alice", "1"),
            };
            let message = room.when(send.clone()).unwrap().unwrap();
            set(&mut room, "alice", &message, 0).unwrap();
            if !is_newest {
                room.encrypted("alice").unwrap();
            }
            end(&mut room).unwrap();

            let erased: Vec<u64> = room.facts.iter().flat_map(|fact| fact.erases().to_vec()).collect();
            let mut refolded = RoomState::default();
            for (position, fact) in room.facts.iter().enumerate() {
                if !erased.contains(&(position as u64)) {
                    refolded.evolve(fact);
                }
            }
            assert_eq!(refolded.newest(), room.state.newest(), "version {version}, newest: {is_newest}");
            room.state = refolded;
            assert!(room.when(send).unwrap().is_none(), "the same transaction again sends nothing");
            let next = room.encrypted("alice").unwrap();
            let newest = room.pdus().last().unwrap();
            assert_eq!((&newest.event_id, newest.prev_events.len()), (&next, 1));
        }
    }
}
