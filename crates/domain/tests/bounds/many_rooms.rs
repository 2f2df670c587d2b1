//! As much in a room as there may be, and one more.

use std::sync::Arc;

use domain::{
    Fact,
    lookup::FoundEvent,
    room::{
        CreateRoom, ENDED_AT_ONCE_MAX, EXPIRIES_MAX, EXPIRIES_OF_ONE_MAX, EndExpiries, ExpiryTarget, INITIAL_STATE_MAX,
        INVITES_MAX, InitialState, NewRoom, Pdu, PduAdded, PduExpirySet, ROOM_VERSIONS, SetExpiry, UpgradeRoom,
    },
};
use ruma::{OwnedEventId, OwnedUserId, RoomVersionId, UInt};
use serde_json::json;

use crate::{
    creation::new_room,
    ink::Ink,
    room::{Room, room_message},
    sessions::{account, alice},
    world::World,
};

/// Bans that move to a new room, and bytes of what they say.
const BANS_MAX: usize = 900;
const BANS_BYTES_MAX: usize = 4 << 20;
/// Bytes of a piece of state that make its PDU nearly as large as one may be.
const STATE_BYTES: usize = 64_000;

/// A room with as many invites and as much state as one can ask for.
pub(crate) fn new_rooms(world: &mut World, ink: &Ink) {
    world.known.profile.display_name = Some(ink.text(512));
    let content = ink.canonical(STATE_BYTES);
    let [.., version] = ROOM_VERSIONS;
    let create = |invites: usize, state: usize| {
        let state_of = |number: usize| {
            let (event_type, state_key) = ("t".to_owned(), number.to_string());
            InitialState { event_type, state_key, content: content.clone() }
        };
        CreateRoom(NewRoom {
            invites: (0..invites).map(user).collect(),
            initial_state: (0..state).map(state_of).collect(),
            name: Some(ink.text(9_000)),
            topic: Some(ink.text(4_500)),
            ..new_room(version.clone())
        })
    };
    let mut user = account();
    let facts = world.accept_once(&mut user, create(INVITES_MAX, INITIAL_STATE_MAX));
    assert!(facts.len() > INVITES_MAX + INITIAL_STATE_MAX);
    world.refuse(&user, create(INVITES_MAX + 1, 0), "M_INVALID_PARAM");
    world.refuse(&user, create(0, INITIAL_STATE_MAX + 1), "M_INVALID_PARAM");
}

fn user(number: usize) -> OwnedUserId {
    OwnedUserId::try_from(format!("@{number:0>252}:h")).unwrap()
}

/// Messages that wait for their moment: of one person, of all, and let go at once.
pub(crate) fn expiries(world: &mut World, ink: &Ink) {
    let mut room = Room::new(world, RoomVersionId::V11);
    let message = room_message(&room.id, ink, 2, "m.reaction");
    let event_id = room.add(world, message.clone(), 1_000_000).pdu.event_id.clone();
    let other = room.add(world, message, 1_000_001).pdu.event_id.clone();
    let wait = |room: &mut Room, sender: &OwnedUserId, position: u64| {
        let (event_id, room_id, sender) = (event_id.clone(), room.id.clone(), sender.clone());
        let target = ExpiryTarget { depth: 1, event_id, position, room_id, sender, transaction: None };
        room.state.take(&Fact::PduExpirySet(PduExpirySet { expires_at_ms: 2_000, target }));
    };
    let id = room.id.clone();
    let set = |event_id: &OwnedEventId| SetExpiry {
        room_id: id.clone(),
        sender: alice(),
        event_id: event_id.clone(),
        expires_after_ms: 1_000,
    };
    (1..EXPIRIES_OF_ONE_MAX as u64).for_each(|position| wait(&mut room, &alice(), position));
    world.accept(&mut room.state, set(&event_id));
    world.refuse(&room.state, set(&other), "M_LIMIT_EXCEEDED");
    let end = EndExpiries { room_id: id.clone() };
    world.now_ms = UInt::from(2_000_u32);
    assert_eq!(world.accept_once(&mut room.state, end.clone()).len(), ENDED_AT_ONCE_MAX);
    let left = (EXPIRIES_OF_ONE_MAX - ENDED_AT_ONCE_MAX) as u64;
    let bob = user(1);
    (1..=EXPIRIES_MAX as u64 - left - 1).for_each(|number| wait(&mut room, &bob, 2_000_000 + number));
    world.accept_once(&mut room.state, set(&other));
    let added = world.known.events[&other].added.clone();
    let position = 3_000_000;
    world.known.events.insert(other.clone(), FoundEvent { position, sender: alice(), added });
    world.refuse(&room.state, set(&other), "M_LIMIT_EXCEEDED");
}

/// A room with as many bans as can move to another.
pub(crate) fn upgrades(world: &mut World, _: &Ink) {
    let mut room = Room::new(world, RoomVersionId::V10);
    let ban = |room: &mut Room, number: usize, reason: usize| {
        let content = json!({ "membership": "ban", "reason": "x".repeat(reason) });
        let json = json!({
            "auth_events": [], "content": content, "depth": 9, "origin_server_ts": 1, "prev_events": [], "room_id": room.id,
            "sender": alice(), "state_key": user(number), "type": "m.room.member",
        });
        let event_id = OwnedEventId::try_from(format!("$ban{number}")).unwrap();
        let pdu = Arc::new(Pdu::parse(event_id, serde_json::value::to_raw_value(&json).unwrap()).unwrap());
        room.state.take(&Fact::PduAdded(PduAdded { pdu, transaction: None }));
    };
    let id = room.id.clone();
    let upgrade = || UpgradeRoom {
        room_id: id.clone(),
        sender: alice(),
        version: RoomVersionId::V12,
        additional_creators: vec![user(2_000)],
    };
    // `{"membership":"ban","reason":""}` is what all say beside the reason.
    let each = BANS_BYTES_MAX / BANS_MAX - 33;
    (0..BANS_MAX).for_each(|number| ban(&mut room, number, each));
    let mut upgraded = Room { state: room.state.clone(), id: id.clone() };
    assert!(world.accept_once(&mut upgraded.state, upgrade()).len() > BANS_MAX);
    ban(&mut room, 0, each + 100 * BANS_MAX);
    world.refuse(&room.state, upgrade(), "M_TOO_LARGE");
    ban(&mut room, 0, 0);
    ban(&mut room, BANS_MAX, 0);
    world.refuse(&room.state, upgrade(), "M_TOO_LARGE");
}
