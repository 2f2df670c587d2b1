//! Messages that are there for a time.

use domain::{
    Fact,
    room::{
        EXPIRES_AFTER_MS_MAX, EndExpiries, EndOld, OLD_AT_ONCE_MAX, ROOM_VERSIONS, SendMessage, SetExpiry,
        TRANSACTION_ID_BYTES_MAX, TransactionPath,
    },
};
use ruma::{OwnedEventId, UInt, owned_event_id};

use crate::{
    ink::Ink,
    room::{Room, room_message, transaction},
    sessions::alice,
    world::World,
};

/// The moment of a message is set, and passes.
pub(crate) fn moments(world: &mut World, ink: &Ink) {
    let [.., version] = ROOM_VERSIONS;
    let mut room = Room::new(world, version);
    let event_type = ink.text(255);
    let message = SendMessage {
        transaction: transaction(ink, TRANSACTION_ID_BYTES_MAX, TransactionPath::Send(event_type.as_str().into())),
        ..room_message(&room.id, ink, 2, &event_type)
    };
    let event_id = room.add(world, message.clone(), u64::MAX).pdu.event_id.clone();
    let id = room.id.clone();
    let set = |event_id: &OwnedEventId, expires_after_ms| SetExpiry {
        room_id: id.clone(),
        sender: alice(),
        event_id: event_id.clone(),
        expires_after_ms,
    };
    world.refuse(&room.state, set(&event_id, EXPIRES_AFTER_MS_MAX + 1), "M_INVALID_PARAM");
    world.refuse(&room.state, set(&event_id, u64::MAX), "M_INVALID_PARAM");
    world.refuse(&room.state, set(&owned_event_id!("$none"), 0), "M_NOT_FOUND");
    world.accept(&mut room.state, set(&event_id, EXPIRES_AFTER_MS_MAX));
    world.pass(&room.state, set(&event_id, EXPIRES_AFTER_MS_MAX));
    world.pass(&room.state, EndExpiries { room_id: id.clone() });
    world.accept(&mut room.state, set(&event_id, 0));
    world.now_ms = UInt::MAX;
    let facts = world.accept(&mut room.state, EndExpiries { room_id: id.clone() });
    assert!(matches!(&facts[..], [Fact::PduExpired(expired)] if expired.target.event_id == event_id));
    world.pass(&room.state, message);
    old(world, &mut room, ink);
}

/// Messages grow old.
fn old(world: &mut World, room: &mut Room, ink: &Ink) {
    let position = 50;
    let added = room.add(world, room_message(&room.id, ink, 2, "m.room.encrypted"), position).pdu.event_id.clone();
    let id = room.id.clone();
    let end = |event_ids, before| EndOld { room_id: id.clone(), event_ids, before };
    world.refuse(&room.state, end(vec![added.clone(); OLD_AT_ONCE_MAX + 1], u64::MAX), "M_TOO_LARGE");
    world.pass(&room.state, end(vec![added.clone(), owned_event_id!("$none")], position));
    let facts = world.accept(&mut room.state, end(vec![added.clone(), added], position + 1));
    assert!(matches!(&facts[..], [Fact::PduExpired(_)]), "{facts:?}");
}
