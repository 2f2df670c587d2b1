//! Receipts by position and by who may see them, and what is unread.

use std::sync::Arc;

use domain::{
    Fact,
    room::{Pdu, PduAdded, PduPruned},
    user::receipts::{ReceiptKind, ReceiptSet},
};
use ruma::{OwnedEventId, room_id, user_id};
use serde_json::{Value, json, value::to_raw_value};
use views::receipts::{Unread, receipts_in_room_since, unread};

use crate::folded::Folded;

fn pdu(number: u64, sender: &str, event_type: &str, state_key: Option<&str>, content: Value) -> Fact {
    let mut json = json!({
        "room_id": "!r:h",
        "sender": sender,
        "type": event_type,
        "origin_server_ts": number,
        "content": content,
        "prev_events": [],
        "auth_events": [],
        "depth": number,
    });
    if let Some(state_key) = state_key {
        json["state_key"] = json!(state_key);
    }
    let event_id = OwnedEventId::try_from(format!("$e{number}")).unwrap();
    let pdu = Pdu::parse(event_id, to_raw_value(&json).unwrap()).unwrap();
    Fact::PduAdded(PduAdded { pdu: Arc::new(pdu), transaction: None })
}

fn joined(number: u64, user: &str) -> Fact {
    pdu(number, user, "m.room.member", Some(user), json!({"membership": "join"}))
}

fn secret(number: u64, sender: &str) -> Fact {
    pdu(number, sender, "m.room.encrypted", None, json!({"ciphertext": "x"}))
}

fn receipt(user: &str, kind: ReceiptKind, thread: Option<&str>, event: u64) -> Fact {
    Fact::ReceiptSet(ReceiptSet {
        user_id: user.try_into().unwrap(),
        room_id: room_id!("!r:h").to_owned(),
        kind,
        thread: thread.map(str::to_owned),
        event_id: OwnedEventId::try_from(format!("$e{event}")).unwrap(),
        event_position: event,
        ts_ms: 7,
    })
}

#[test]
fn private_receipts_are_their_owner_s() {
    let mut folded = Folded::of([
        receipt("@alice:h", ReceiptKind::Public, None, 1),
        receipt("@alice:h", ReceiptKind::Private, None, 2),
        receipt("@bob:h", ReceiptKind::Public, Some("main"), 1),
    ]);
    let seen = |folded: &Folded, viewer: &str, since| {
        let viewer = <&ruma::UserId>::try_from(viewer).unwrap();
        receipts_in_room_since(&*folded.rows(), room_id!("!r:h"), &folded.reader(viewer), since).unwrap().len()
    };
    for (viewer, since, expected) in
        [("@alice:h", 0, 3), ("@bob:h", 0, 2), ("@alice:h", 1, 2), ("@bob:h", 2, 1), ("@bob:h", 3, 0)]
    {
        assert_eq!(seen(&folded, viewer, since), expected, "{viewer} since {since}");
    }
    folded.add(receipt("@alice:h", ReceiptKind::Public, None, 3));
    assert_eq!(seen(&folded, "@bob:h", 0), 2, "the newer one took the place of the older");
    folded.assert_replay_is_equal();
}

#[test]
fn unread_is_what_others_sent_since() {
    let mut folded = Folded::of([joined(1, "@alice:h"), joined(2, "@bob:h")]);
    let count = |folded: &Folded| unread(&*folded.rows(), room_id!("!r:h"), &folded.reader(user_id!("@alice:h"))).unwrap();
    assert_eq!(count(&folded), Unread::default(), "joining notifies nobody");
    let mention = json!({"msgtype": "m.text", "body": "x", "m.mentions": {"user_ids": ["@alice:h"]}});
    let edit = json!({"m.relates_to": {"rel_type": "m.replace", "event_id": "$e3"}});
    for (fact, notifications, highlights) in [
        (secret(3, "@bob:h"), 1, 0),
        (pdu(4, "@bob:h", "m.room.encrypted", None, edit), 1, 0),
        (pdu(5, "@bob:h", "m.room.message", None, json!({"msgtype": "m.notice", "body": "x"})), 1, 0),
        (pdu(6, "@bob:h", "m.reaction", None, json!({})), 1, 0),
        (pdu(7, "@bob:h", "m.room.topic", Some(""), json!({"topic": "x"})), 1, 0),
        (pdu(8, "@bob:h", "m.room.message", None, mention), 2, 1),
        (secret(9, "@bob:h"), 3, 1),
        (joined(10, "@alice:h"), 3, 1),
        (secret(11, "@alice:h"), 0, 0),
        (secret(12, "@bob:h"), 1, 0),
    ] {
        folded.add(fact);
        let expected = Unread { notification_count: notifications, highlight_count: highlights };
        assert_eq!(count(&folded), expected, "after position {}", folded.position());
    }
}

#[test]
fn a_receipt_of_either_kind_reads_and_one_of_a_thread_does_not() {
    for (kind, thread, expected) in [
        (ReceiptKind::Public, None, 1),
        (ReceiptKind::Private, None, 1),
        (ReceiptKind::Public, Some("main"), 1),
        (ReceiptKind::Public, Some("$e3"), 2),
    ] {
        let folded = Folded::of([
            joined(1, "@alice:h"),
            joined(2, "@bob:h"),
            secret(3, "@bob:h"),
            secret(4, "@bob:h"),
            receipt("@alice:h", kind, thread, 3),
        ]);
        let unread = unread(&*folded.rows(), room_id!("!r:h"), &folded.reader(user_id!("@alice:h"))).unwrap();
        assert_eq!(unread.notification_count, expected, "{kind:?} {thread:?}");
    }
}

#[test]
fn a_redacted_message_is_not_unread_and_a_replay_without_it_is_equal() {
    let mention = json!({"msgtype": "m.text", "body": "x", "m.mentions": {"user_ids": ["@alice:h"]}});
    let mut folded = Folded::of([
        joined(1, "@alice:h"),
        joined(2, "@bob:h"),
        secret(3, "@bob:h"),
        pdu(4, "@bob:h", "m.room.message", None, mention),
    ]);
    let count = |folded: &Folded| unread(&*folded.rows(), room_id!("!r:h"), &folded.reader(user_id!("@alice:h"))).unwrap();
    assert_eq!(count(&folded), Unread { notification_count: 2, highlight_count: 1 });
    let Fact::PduAdded(PduAdded { pdu: empty, .. }) = pdu(4, "@bob:h", "m.room.message", None, json!({})) else { return };
    let redacted_by = OwnedEventId::try_from("$e5").unwrap();
    folded.add(Fact::PduPruned(PduPruned {
        media: Vec::new(),
        pdu: empty,
        transaction: None,
        target_position: 4,
        redacted_by,
    }));
    assert_eq!(count(&folded), Unread { notification_count: 1, highlight_count: 0 });
    folded.assert_replay_is_equal();
    folded.erase(4);
    folded.assert_replay_is_equal();
}
