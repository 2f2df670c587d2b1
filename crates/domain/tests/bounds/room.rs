//! What goes on in a room: messages, state, memberships, redactions.

use domain::{
    Fact,
    lookup::FoundEvent,
    room::{
        ChangeMembership, CreateRoom, ForgetRoom, MembershipAction, PduAdded, REASON_BYTES_MAX, ROOM_VERSIONS, Redact,
        RoomState, SendMessage, SetState, TRANSACTION_ID_BYTES_MAX, TransactionKey, TransactionPath, content_of,
    },
};
use ruma::{OwnedEventId, OwnedRoomId, OwnedUserId, RoomVersionId};
use serde_json::{json, value::RawValue};

use crate::{
    backup,
    creation::new_room,
    ink::Ink,
    sessions::{account, alice},
    world::{Twins, World},
};

/// Bytes of a PDU. The specification has one more; ruma takes this many.
pub(crate) const PDU_BYTES_MAX: usize = 65_535;
/// Bytes of a type, of a state key and of an id.
const NAME_BYTES_MAX: usize = 255;
/// Addresses that a room can name.
const NAMED_MAX: usize = 100;

/// A room of alice.
pub(crate) struct Room {
    pub(crate) state: Twins<RoomState>,
    pub(crate) id: OwnedRoomId,
}

/// The PDUs among facts.
pub(crate) fn pdus(facts: &[Fact]) -> impl Iterator<Item = &PduAdded> {
    facts.iter().filter_map(|fact| match fact {
        Fact::PduAdded(added) => Some(added),
        _ => None,
    })
}

impl Room {
    /// A room of some version, with some messages in it so that depths have two digits.
    pub(crate) fn new(world: &mut World, version: RoomVersionId) -> Self {
        let facts = world.accept_once(&mut account(), CreateRoom(new_room(version)));
        let id = pdus(&facts).next().unwrap().pdu.room_id.clone();
        let mut room = Self { state: Twins::given(facts), id };
        (0..5).for_each(|_| {
            drop(world.accept_once(&mut room.state, room_message(&room.id, &Ink::controls(), 2, "m.reaction")))
        });
        room
    }

    /// The event that a command adds; it is known from then on.
    pub(crate) fn add(&mut self, world: &mut World, command: SendMessage, position: u64) -> PduAdded {
        let facts = world.accept(&mut self.state, command);
        let added = pdus(&facts).next().unwrap().clone();
        let found = FoundEvent { position, sender: added.pdu.sender.clone(), added: Some(added.clone()) };
        world.known.events.insert(added.pdu.event_id.clone(), found);
        added
    }
}

/// A message of so many bytes.
pub(crate) fn room_message(room_id: &OwnedRoomId, ink: &Ink, bytes: usize, event_type: &str) -> SendMessage {
    let content = ink.canonical(bytes);
    SendMessage { room_id: room_id.clone(), sender: alice(), event_type: event_type.into(), content, transaction: None }
}

/// The key of a transaction with an id of so many bytes.
pub(crate) fn transaction(ink: &Ink, bytes: usize, path: TransactionPath) -> Option<TransactionKey> {
    Some(TransactionKey { device_id: ink.text(255).into(), id: ink.text(bytes).into(), path: Some(path), user_id: alice() })
}

/// Rooms of every version.
pub(crate) fn messages(world: &mut World, ink: &Ink) {
    for version in ROOM_VERSIONS {
        let mut room = Room::new(world, version);
        let event_id = largest_message(world, &mut room, ink);
        transactions(world, &mut room, ink);
        redactions(world, &mut room, ink, event_id);
        state(world, &mut room, ink);
        memberships(world, &mut room, ink);
    }
    let forget = |bytes| ForgetRoom { user_id: alice(), room_id: backup::room(ink, bytes) };
    let mut user = account();
    [1, NAME_BYTES_MAX].into_iter().for_each(|bytes| drop(world.accept(&mut user, forget(bytes))));
    world.refuse(&user, forget(NAME_BYTES_MAX + 1), "M_NOT_FOUND");
    numbers();
}

/// What of JSON a PDU may hold is found out when its content is read.
fn numbers() {
    let read = |number: &str| content_of(&RawValue::from_string(format!(r#"{{"n":{number}}}"#)).unwrap());
    for number in ["9007199254740991", "-9007199254740991", "0"] {
        assert!(read(number).is_ok(), "{number}");
    }
    for number in ["9007199254740992", "-9007199254740992", "0.5", "1e300", "18446744073709551616"] {
        assert_eq!(read(number).unwrap_err().kind.errcode().to_string(), "M_BAD_JSON", "{number}");
    }
}

fn largest_message(world: &mut World, room: &mut Room, ink: &Ink) -> OwnedEventId {
    let event_type = ink.text(NAME_BYTES_MAX);
    let message = |room: &Room, bytes| room_message(&room.id, ink, bytes, &event_type);
    let first = message(room, 2_000);
    let most = 2_000 + PDU_BYTES_MAX - room.add(world, first, 1).pdu.json.get().len();
    let largest = message(room, most);
    let added = room.add(world, largest, u64::MAX);
    assert_eq!(added.pdu.json.get().len(), PDU_BYTES_MAX);
    world.refuse(&room.state, message(room, most + 1), "M_TOO_LARGE");
    let long_type = room_message(&room.id, ink, 2, &ink.text(NAME_BYTES_MAX + 1));
    world.refuse(&room.state, long_type, "M_TOO_LARGE");
    added.pdu.event_id.clone()
}

fn transactions(world: &mut World, room: &mut Room, ink: &Ink) {
    let event_type = ink.text(NAME_BYTES_MAX);
    let message = |bytes| SendMessage {
        transaction: transaction(ink, bytes, TransactionPath::Send(event_type.as_str().into())),
        ..room_message(&room.id, ink, 2, &event_type)
    };
    for bytes in [0, 1, TRANSACTION_ID_BYTES_MAX] {
        world.accept(&mut room.state, message(bytes));
        world.pass(&room.state, message(bytes));
    }
    world.refuse(&room.state, message(TRANSACTION_ID_BYTES_MAX + 1), "M_INVALID_PARAM");
}

fn redactions(world: &mut World, room: &mut Room, ink: &Ink, event_id: OwnedEventId) {
    let redact = |reason: usize, id: usize| Redact {
        room_id: room.id.clone(),
        sender: alice(),
        event_id: event_id.clone(),
        reason: Some(ink.text(reason)),
        transaction: transaction(ink, id, TransactionPath::Redact(event_id.clone())),
    };
    world.refuse(&room.state, redact(PDU_BYTES_MAX, 2), "M_TOO_LARGE");
    world.refuse(&room.state, redact(1, TRANSACTION_ID_BYTES_MAX + 1), "M_INVALID_PARAM");
    let facts = world.accept(&mut room.state, redact(9_000, TRANSACTION_ID_BYTES_MAX));
    assert!(matches!(&facts[..], [Fact::PduAdded(_), Fact::PduPruned(pruned)] if pruned.target_position == u64::MAX));
    world.pass(&room.state, redact(0, TRANSACTION_ID_BYTES_MAX));
}

fn state(world: &mut World, room: &mut Room, ink: &Ink) {
    let set = |event_type: &str, key: &str, content| SetState {
        room_id: room.id.clone(),
        sender: alice(),
        event_type: event_type.into(),
        state_key: key.to_owned(),
        content,
    };
    let name = |bytes: usize| format!("t{}", ink.text(bytes - 1));
    for (event_type, key) in [(1, 1), (NAME_BYTES_MAX, 1), (1, NAME_BYTES_MAX)] {
        world.accept(&mut room.state, set(&name(event_type), &name(key), ink.canonical(600)));
    }
    world.accept(&mut room.state, set("t", "", ink.canonical(2)));
    world.refuse(&room.state, set(&name(NAME_BYTES_MAX + 1), "", ink.canonical(2)), "M_TOO_LARGE");
    world.refuse(&room.state, set("t", &name(NAME_BYTES_MAX + 1), ink.canonical(2)), "M_TOO_LARGE");
    world.known.room_of_alias = Some(room.id.clone());
    let named = |count: usize| {
        let aliases: Vec<_> = (0..count).map(|number| format!("#{number}:h")).collect();
        set("m.room.canonical_alias", "", serde_json::from_value(json!({ "alt_aliases": aliases })).unwrap())
    };
    world.accept(&mut room.state, named(NAMED_MAX));
    world.refuse(&room.state, named(NAMED_MAX + 1), "M_INVALID_PARAM");
}

fn memberships(world: &mut World, room: &mut Room, ink: &Ink) {
    world.known.profile.display_name = Some(ink.text(512));
    world.known.profile.avatar_url = Some(format!("mxc://h/{}", "a".repeat(1_016)));
    let target = |bytes: usize| OwnedUserId::try_from(format!("@{}:h", "b".repeat(bytes - 3))).unwrap();
    let change = |sender: &OwnedUserId, target: &OwnedUserId, action, reason: usize| ChangeMembership {
        room_id: room.id.clone(),
        sender: sender.clone(),
        target: target.clone(),
        action,
        reason: Some(ink.text(reason)),
    };
    let invite = || MembershipAction::Invite { is_direct: true };
    for bytes in [4, NAME_BYTES_MAX] {
        let target = target(bytes);
        world.accept(&mut room.state, change(&alice(), &target, invite(), 0));
        world.accept(&mut room.state, change(&target, &target, MembershipAction::Join, REASON_BYTES_MAX));
        world.accept(&mut room.state, change(&alice(), &target, MembershipAction::Ban, REASON_BYTES_MAX));
    }
    world.refuse(&room.state, change(&alice(), &target(5), invite(), REASON_BYTES_MAX + 1), "M_INVALID_PARAM");
    world.refuse(&room.state, change(&alice(), &target(NAME_BYTES_MAX + 1), invite(), 0), "M_TOO_LARGE");
}
