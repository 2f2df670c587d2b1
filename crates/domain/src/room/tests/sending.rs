//! Sending messages and setting state.

use ruma::RoomVersionId;
use serde_json::{Value, json};

use crate::{
    Policy,
    room::{
        MembershipAction, SendMessage, TransactionPath,
        fixture::{Room, new_room, object, transaction, user},
    },
};

#[test]
fn unencrypted_content_is_refused_by_type() {
    for (event_type, allowed) in [
        ("m.room.encrypted", true),
        ("m.reaction", true),
        ("m.room.redaction", true),
        ("m.key.verification.request", true),
        ("m.room.message", false),
        ("m.sticker", false),
        ("m.call.invite", false),
        ("m.poll.start", false),
        ("org.example.unheard_of", false),
        ("m.room.encrypted.not", false),
        ("m.key.verification.hello", false),
    ] {
        let mut room = Room::new(RoomVersionId::V12);
        let sent = room.send("alice", event_type, json!({ "body": "hello" }));
        match sent {
            Ok(_) => assert!(allowed, "{event_type}"),
            Err(rejection) => {
                assert!(!allowed, "{event_type}: {rejection}");
                assert_eq!((rejection.status, rejection.kind.errcode().to_string().as_str()), (403, "M_FORBIDDEN"));
                assert!(rejection.message.contains("encrypted"), "the sentence says why: {rejection}");
            }
        }
    }
    let plain = Policy { require_encryption: false, ..Policy::default() };
    let mut room = Room::create(new_room(RoomVersionId::V12), plain).unwrap();
    room.send("alice", "m.room.message", json!({ "body": "hello" })).unwrap();
}

#[test]
fn of_messages_in_clear_only_a_request_to_verify_is_let_in_and_nothing_with_it() {
    let request = json!({
        "msgtype": "m.key.verification.request",
        "body": "Alice asks to verify your keys.",
        "from_device": "PHONE",
        "methods": ["m.sas.v1", "m.qr_code.show.v1", "m.reciprocate.v1"],
        "to": "@bob:h",
    });
    let with = |name: &str, value: Value| {
        let mut content = request.clone();
        content[name] = value;
        content
    };
    for (content, is_let_in) in [
        (request.clone(), true),
        (with("format", json!("org.matrix.custom.html")), true),
        (with("formatted_body", json!("<b>Alice</b> asks")), true),
        (with("msgtype", json!("m.text")), false),
        (with("to", json!("bob")), false),
        (with("from_device", json!(7)), false),
        (with("body", json!("x".repeat(1_025))), false),
        (with("methods", json!(["meet me at eight"])), false),
        (with("methods", json!(vec!["m.sas.v1"; 17])), false),
        (with("url", json!("mxc://h/a")), false),
        (with("m.relates_to", json!({ "rel_type": "m.thread" })), false),
        (json!({ "msgtype": "m.key.verification.request", "body": "hello" }), false),
    ] {
        let sent = Room::new(RoomVersionId::V12).send("alice", "m.room.message", content.clone());
        assert_eq!(sent.is_ok(), is_let_in, "{content}");
    }
}

#[test]
fn who_is_not_in_the_room_sends_nothing() {
    let mut room = Room::new(RoomVersionId::V12);
    assert_eq!(room.encrypted("bob").unwrap_err().status, 403, "a stranger");
    room.act("alice", MembershipAction::Invite { is_direct: false }, "bob").unwrap();
    assert_eq!(room.encrypted("bob").unwrap_err().status, 403, "invited");
    room.act("bob", MembershipAction::Join, "bob").unwrap();
    room.encrypted("bob").unwrap();
    room.act("bob", MembershipAction::Leave, "bob").unwrap();
    assert_eq!(room.encrypted("bob").unwrap_err().status, 403, "left");
}

#[test]
fn a_transaction_sends_once() {
    let mut room = Room::new(RoomVersionId::V12);
    let room_id = room.id();
    let send = |id: &str| SendMessage {
        room_id: room_id.clone(),
        sender: user("alice"),
        event_type: "m.room.encrypted".into(),
        content: object(json!({ "ciphertext": id })),
        transaction: transaction("alice", id),
    };
    assert!(room.when(send("1")).unwrap().is_some());
    let before = room.facts.len();
    assert!(room.when(send("1")).unwrap().is_none(), "the same again does nothing");
    assert_eq!(room.facts.len(), before);
    assert!(room.when(send("2")).unwrap().is_some());
    // Another device may choose the same id.
    let mut other = send("1");
    other.transaction.as_mut().unwrap().device_id = "LAPTOP".into();
    assert!(room.when(other).unwrap().is_some());
    // And so may the same device for another path.
    let event = room.pdus().last().unwrap().event_id.clone();
    for path in [TransactionPath::Send("m.reaction".into()), TransactionPath::Redact(event)] {
        for is_new in [true, false] {
            let mut other = send("1");
            other.transaction.as_mut().unwrap().path = Some(path.clone());
            assert_eq!(room.when(other).unwrap().is_some(), is_new, "{path:?}");
        }
    }
}

#[test]
fn what_is_too_large_is_refused() {
    let mut room = Room::new(RoomVersionId::V12);
    let sent = room.send("alice", "m.room.encrypted", json!({ "ciphertext": "a".repeat(65_536) }));
    assert_eq!(sent.unwrap_err().status, 413);
    room.send("alice", "m.room.encrypted", json!({ "ciphertext": "a".repeat(60_000) })).unwrap();
    let long_type = "t".repeat(256);
    let set = room.set("alice", &long_type, "", json!({}));
    assert_eq!(set.unwrap_err().status, 413);
}

#[test]
fn encryption_cannot_be_turned_off() {
    for (content, allowed) in [
        (json!({}), false),
        (json!({ "algorithm": "org.example.rot13" }), false),
        (json!({ "algorithm": null }), false),
        (json!({ "algorithm": "m.megolm.v1.aes-sha2", "rotation_period_ms": 1000 }), true),
    ] {
        for require_encryption in [true, false] {
            let mut room = Room::new(RoomVersionId::V11);
            room.policy.require_encryption = require_encryption;
            let set = room.set("alice", "m.room.encryption", "", content.clone());
            assert_eq!(set.is_ok(), allowed, "{content}, required: {require_encryption}");
        }
    }
}

#[test]
fn setting_the_same_state_again_changes_nothing() {
    let mut room = Room::new(RoomVersionId::V12);
    room.set("alice", "m.room.name", "", json!({ "name": "Tea" })).unwrap();
    let before = room.facts.len();
    room.set("alice", "m.room.name", "", json!({ "name": "Tea" })).unwrap();
    assert_eq!(room.facts.len(), before);
    room.set("alice", "m.room.name", "", json!({ "name": "Coffee" })).unwrap();
    assert_eq!(room.facts.len(), before + 1);
}
