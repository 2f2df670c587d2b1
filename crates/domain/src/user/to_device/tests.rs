//! Sending to devices: once for each transaction, within bounds.

use ruma::serde::Raw;
use serde_json::json;

use super::{AcknowledgeInbox, Envelope, RECIPIENTS_MAX, SendToDevice, ToDeviceKey};
use crate::{
    Fact,
    user::keys::fixture::{Device, code, given, when},
};

fn send(transaction: &str, recipients: usize, content: &str) -> SendToDevice {
    let content: Raw<_> = serde_json::from_value(json!({"ciphertext": content})).unwrap();
    let envelope =
        |n| Envelope { user_id: "@bob:h".try_into().unwrap(), device_id: format!("D{n}").into(), content: content.clone() };
    let key = ToDeviceKey {
        device_id: "PHONE".into(),
        event_type: "m.room.encrypted".to_owned(),
        transaction_id: transaction.into(),
    };
    SendToDevice { sender: "@alice:h".try_into().unwrap(), key, envelopes: (0..recipients).map(envelope).collect() }
}

#[test]
fn each_device_gets_one_message_and_a_repeated_request_none() {
    let mut state = Device::alice().logged_in();
    let (_, facts) = when(&mut state, send("1", 2, "a")).unwrap();
    let inboxes = facts.iter().filter(|fact| matches!(fact, Fact::InboxMessage(_))).count();
    assert_eq!((facts.len(), inboxes), (3, 2));
    assert_eq!(when(&mut state, send("1", 2, "a")).unwrap().1.len(), 0);
    // Also after a restart.
    let mut state = given(facts);
    assert_eq!(when(&mut state, send("1", 2, "a")).unwrap().1.len(), 0);
    // Another transaction, or the same of another type, is another request.
    assert_eq!(when(&mut state, send("2", 1, "a")).unwrap().1.len(), 2);
    let mut other = send("1", 1, "a");
    other.key.event_type = "m.room_key_request".to_owned();
    assert_eq!(when(&mut state, other).unwrap().1.len(), 2);
}

#[test]
fn requests_are_bounded() {
    let table = [
        (send("1", RECIPIENTS_MAX, "a"), None),
        (send("1", RECIPIENTS_MAX + 1, "a"), Some("M_TOO_LARGE")),
        (send("1", 1, &"a".repeat(70_000)), Some("M_TOO_LARGE")),
        (send("1", 500, &"a".repeat(20_000)), Some("M_TOO_LARGE")),
        (send(&"t".repeat(256), 1, "a"), Some("M_INVALID_PARAM")),
    ];
    for (command, expected) in table {
        let refused = when(&mut Device::alice().logged_in(), command).map(|_| ()).err();
        assert_eq!(refused.as_ref().map(code).as_deref(), expected);
    }
}

#[test]
fn an_acknowledgement_erases_what_it_names() {
    let mut state = Device::alice().logged_in();
    let acknowledge = |positions: Vec<u64>| AcknowledgeInbox {
        user_id: "@alice:h".try_into().unwrap(),
        device_id: "PHONE".into(),
        positions,
    };
    assert!(when(&mut state, acknowledge(vec![])).unwrap().1.is_empty());
    let (_, facts) = when(&mut state, acknowledge(vec![3, 5])).unwrap();
    assert_eq!(facts.iter().flat_map(|fact| fact.erases().iter().copied()).collect::<Vec<_>>(), [3, 5]);
}
