//! Whom each fact wakes.

use std::collections::BTreeMap;

use domain::{Fact, room::RoomForgotten, user::SessionClosed, user::receipts::ReceiptKind};
use ruma::UserId;
use serde_json::json;
use views::Audience;

use crate::{
    facts::{device, device_keys, member, pdu, receipt, room, user},
    folded::Folded,
};

#[path = "../../../domain/tests/fact_format/files.rs"]
mod golden;

/// How the table below names an audience.
fn name(audience: &Audience) -> &'static str {
    match audience {
        Audience::Person(_) => "the person",
        Audience::Room(_) => "the room",
        Audience::Observers(_) => "observers",
    }
}

#[test]
fn each_kind_of_fact_touches_whom_it_concerns() {
    let table: BTreeMap<&str, &[&str]> = BTreeMap::from([
        ("room.pdu", &["the room"] as &[_]),
        ("room.forgotten", &["the person"]),
        ("receipt.set", &["the room"]),
        ("receipt.set private", &["the person"]),
        ("account_data.set", &["the person"]),
        // So that a sync of theirs that waits ends.
        ("account.locked", &["the person"]),
        ("session.opened", &["observers"]),
        ("session.closed", &["observers"]),
        ("account.erased", &["observers"]),
        ("device.renamed", &["observers"]),
        ("keys.device_uploaded", &["observers"]),
        ("keys.cross_signing_uploaded", &["observers"]),
        ("keys.dehydrated_removed", &["observers"]),
        // The golden payload signs somebody else's key.
        ("keys.signatures_added", &["the person"]),
        ("keys.one_time_uploaded", &["the person"]),
        ("keys.one_time_claimed", &["the person"]),
        ("keys.fallback_uploaded", &["the person"]),
        ("keys.fallback_used", &["the person"]),
        ("keys.epoch_started", &["the person"]),
        ("inbox.message", &["the person"]),
    ]);
    let mut seen = 0;
    for file in golden::all().unwrap() {
        let with_name = format!("{} {}", file.kind, file.name);
        let row = table.get(with_name.as_str()).or_else(|| table.get(file.kind.as_str()));
        seen += usize::from(row.is_some());
        let fact = Fact::decode(&file.kind, file.version, file.payload.as_bytes()).unwrap();
        let folded = Folded::of([fact]);
        let touched: Vec<&str> = folded.touched().iter().map(name).collect();
        assert_eq!(touched, row.copied().unwrap_or_default(), "{}", file.file);
    }
    assert!(seen >= table.len(), "each row of the table was asked for");
}

#[test]
fn people_are_woken_who_are_in_it_or_whom_it_is_about() {
    let [alice, bob, carol, dora] = ["alice", "bob", "carol", "dora"].map(user);
    let (tea, den) = (room("tea"), room("den"));
    let session =
        |user: &UserId| Fact::SessionClosed(SessionClosed { user_id: user.to_owned(), device_id: device().into() });
    let table: Vec<(Fact, &[&str])> = vec![
        (pdu(1, &tea, &alice, "m.room.create", Some(""), &json!({})), &[]),
        (member(2, &tea, &alice, &alice, "join"), &["alice"]),
        (member(3, &tea, &alice, &bob, "invite"), &["alice", "bob"]),
        (pdu(4, &tea, &alice, "m.room.encrypted", None, &json!({})), &["alice"]),
        (member(5, &tea, &bob, &bob, "join"), &["alice", "bob"]),
        (pdu(6, &tea, &bob, "m.room.encrypted", None, &json!({})), &["alice", "bob"]),
        (member(7, &tea, &carol, &carol, "knock"), &["alice", "bob", "carol"]),
        (member(8, &den, &carol, &carol, "join"), &["carol"]),
        (member(9, &den, &bob, &bob, "join"), &["bob", "carol"]),
        (device_keys(&bob, 10), &["alice", "bob", "carol"]),
        (device_keys(&dora, 11), &["dora"]),
        (receipt(&alice, &tea, ReceiptKind::Public, 6), &["alice", "bob"]),
        (receipt(&alice, &tea, ReceiptKind::Private, 6), &["alice"]),
        (session(&alice), &["alice", "bob"]),
        (member(15, &tea, &alice, &bob, "ban"), &["alice", "bob"]),
        (pdu(16, &tea, &alice, "m.room.encrypted", None, &json!({})), &["alice"]),
        (Fact::RoomForgotten(RoomForgotten { room_id: tea.clone(), user_id: bob.clone() }), &["bob"]),
        (member(18, &tea, &alice, &alice, "leave"), &["alice"]),
    ];
    let mut folded = Folded::default();
    for (fact, expected) in table {
        let said = format!("{fact:?}");
        folded.add(fact);
        let expected = expected.iter().map(|name| user(name)).collect();
        assert_eq!(folded.woken(), expected, "{said}");
    }
}
