//! Facts for tests, made without asking the rules.

use std::sync::Arc;

use domain::{
    Fact,
    room::{Pdu, PduAdded},
    user::{
        keys::DeviceKeysUploaded,
        receipts::{ReceiptKind, ReceiptSet},
    },
};
use ruma::{DeviceId, EventId, OwnedRoomId, OwnedUserId, RoomId, UserId};
use serde_json::{Value, json, value::to_raw_value};

pub(crate) fn user(name: &str) -> OwnedUserId {
    UserId::parse(format!("@{name}:h")).unwrap()
}

pub(crate) fn room(name: &str) -> OwnedRoomId {
    RoomId::parse(format!("!{name}:h")).unwrap()
}

pub(crate) fn device() -> &'static DeviceId {
    "PHONE".into()
}

pub(crate) fn pdu(
    number: u64,
    room: &RoomId,
    sender: &UserId,
    event_type: &str,
    key: Option<&str>,
    content: &Value,
) -> Fact {
    let mut json = json!({
        "room_id": room,
        "sender": sender,
        "type": event_type,
        "origin_server_ts": number,
        "content": content,
        "prev_events": [],
        "auth_events": [],
        "depth": number,
    });
    if let Some(key) = key {
        json["state_key"] = json!(key);
    }
    let event_id = EventId::parse(format!("$e{number}")).unwrap();
    let pdu = Pdu::parse(event_id, to_raw_value(&json).unwrap()).unwrap();
    Fact::PduAdded(PduAdded { pdu: Arc::new(pdu), transaction: None })
}

pub(crate) fn member(number: u64, room: &RoomId, sender: &UserId, about: &UserId, membership: &str) -> Fact {
    pdu(number, room, sender, "m.room.member", Some(about.as_str()), &json!({ "membership": membership }))
}

pub(crate) fn receipt(user_id: &UserId, room_id: &RoomId, kind: ReceiptKind, event_position: u64) -> Fact {
    Fact::ReceiptSet(ReceiptSet {
        user_id: user_id.to_owned(),
        room_id: room_id.to_owned(),
        kind,
        thread: None,
        event_id: EventId::parse(format!("$e{event_position}")).unwrap(),
        event_position,
        ts_ms: 7,
    })
}

pub(crate) fn device_keys(user_id: &UserId, number: u64) -> Fact {
    let keys = json!({ "keys": { "ed25519:PHONE": format!("{number}") }, "user_id": user_id, "device_id": "PHONE" });
    let fact = json!({ "device_id": "PHONE", "keys": keys, "user_id": user_id });
    Fact::DeviceKeysUploaded(serde_json::from_value::<DeviceKeysUploaded>(fact).unwrap())
}
