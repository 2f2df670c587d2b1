//! Sending to devices: once for each transaction, within bounds.

use ruma::{serde::Raw, to_device::DeviceIdOrAllDevices};
use serde_json::json;

use super::{
    AcknowledgeInbox, InboxFill, LEAST_BYTES_MAX, LEAST_MESSAGES_MAX, OTHERS_BYTES_MAX, OTHERS_MESSAGES_MAX, RECIPIENTS_MAX,
    SENDER_BYTES_MAX, SENDER_MESSAGES_MAX, SendToDevice, ToDeviceKey, UNREAD_MS_MAX, Waiting,
};
use crate::{
    Command, Fact, Rejection,
    lookup::fixture::Known,
    user::keys::fixture::{Device, code, given, when_at, when_known},
};

/// Bob has as many devices as a request can reach, and one more.
fn known() -> Known {
    let devices = (0..=RECIPIENTS_MAX).map(|n| format!("D{n}").into()).collect();
    Known { devices, inbox: vec![3, 5, 8], ..Known::default() }
}

fn send(transaction: &str, recipients: usize, content: &str) -> SendToDevice {
    let content: Raw<_> = serde_json::from_value(json!({"ciphertext": content})).unwrap();
    let to = |n| (DeviceIdOrAllDevices::DeviceId(format!("D{n}").into()), content.clone());
    let key = ToDeviceKey {
        device_id: "PHONE".into(),
        event_type: "m.room.encrypted".to_owned(),
        transaction_id: transaction.into(),
    };
    let messages = [("@bob:h".try_into().unwrap(), (0..recipients).map(to).collect())].into();
    SendToDevice { sender: "@alice:h".try_into().unwrap(), key, messages }
}

fn when<C: Command>(state: &mut C::On, command: C) -> Result<(C::Reply, Vec<Fact>), Rejection> {
    when_known(&known(), state, command)
}

fn recipients(facts: &[Fact]) -> Vec<String> {
    let device = |fact: &'_ Fact| match fact {
        Fact::InboxMessage(message) => Some(message.device_id.to_string()),
        _ => None,
    };
    facts.iter().filter_map(device).collect()
}

#[test]
fn a_star_reaches_the_devices_that_are_not_named_and_none_that_is_not_there() {
    let content = |text: &str| -> Raw<_> { serde_json::from_value(json!({"ciphertext": text})).unwrap() };
    let all = (DeviceIdOrAllDevices::AllDevices, content("all"));
    let named = ["D1", "X"].map(|device| (DeviceIdOrAllDevices::DeviceId(device.into()), content("one")));
    let messages = [("@bob:h".try_into().unwrap(), named.into_iter().chain([all]).collect())].into();
    let known = Known { devices: ["D0", "D1", "D2"].map(Into::into).into(), ..Known::default() };
    let command = SendToDevice { messages, ..send("1", 0, "") };
    let (_, facts) = when_known(&known, &mut Device::alice().logged_in(), command).unwrap();
    assert_eq!(recipients(&facts), ["D0", "D1", "D2"]);
    let Fact::InboxMessage(to_named) = &facts[2] else { panic!("{facts:?}") };
    assert_eq!(to_named.content.json().get(), r#"{"ciphertext":"one"}"#);
}

#[test]
fn each_device_gets_one_message_and_a_repeated_request_none() {
    let mut state = Device::alice().logged_in();
    let (_, facts) = when(&mut state, send("1", 2, "a")).unwrap();
    assert_eq!((facts.len(), recipients(&facts)), (3, vec!["D0".to_owned(), "D1".to_owned()]));
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
fn an_acknowledgement_erases_what_waits_until_a_position() {
    let acknowledge = |until| AcknowledgeInbox { user_id: "@alice:h".try_into().unwrap(), device_id: "PHONE".into(), until };
    for (until, erased) in [(2, vec![]), (5, vec![3, 5]), (100, vec![3, 5, 8])] {
        let (_, facts) = when(&mut Device::alice().logged_in(), acknowledge(until)).unwrap();
        assert_eq!(facts.iter().flat_map(|fact| fact.erases().to_vec()).collect::<Vec<_>>(), erased);
    }
}

/// One of Bob's devices holds something since some time.
fn full(fill: InboxFill, oldest_ms: u64) -> Known {
    Known { fill: [("D1".into(), fill)].into(), oldest_ms: Some(oldest_ms), ..known() }
}

fn waiting(bytes: usize, messages: usize) -> Waiting {
    Waiting { bytes: bytes as u64, messages: messages as u64 }
}

#[test]
fn a_sender_has_a_share_of_a_device_and_all_others_together_have_an_end() {
    let (bytes, messages) = (SENDER_BYTES_MAX, SENDER_MESSAGES_MAX);
    let (all_bytes, all_messages) = (OTHERS_BYTES_MAX, OTHERS_MESSAGES_MAX);
    let (least_bytes, least_messages) = (LEAST_BYTES_MAX, LEAST_MESSAGES_MAX);
    // What the message itself has.
    let one = Waiting::one(r#"{"ciphertext":"a"}"#.len(), "m.room.encrypted").bytes as usize;
    let some = waiting(0, 0);
    for (of_sender, of_others, fits, fits_owner) in [
        (waiting(bytes - one, messages - 1), some, true, true),
        (waiting(bytes - one + 1, 1), some, false, false),
        (waiting(1, messages), some, false, false),
        (waiting(bytes - one, 1), waiting(all_bytes - one, all_messages - 1), true, true),
        (waiting(bytes - one, 1), waiting(all_bytes - one + 1, 1), false, true),
        (waiting(1, least_messages), waiting(1, all_messages), false, true),
        (waiting(least_bytes - one, least_messages - 1), waiting(2 * all_bytes, 2 * all_messages), true, true),
    ] {
        let known = full(InboxFill { of_sender, of_others }, 1_000);
        for (sender, fits) in [("@alice:h", fits), ("@bob:h", fits_owner)] {
            let command = SendToDevice { sender: sender.try_into().unwrap(), ..send("1", 2, "a") };
            let outcome = when_known(&known, &mut Device::alice().logged_in(), command).map(|(_, facts)| facts.len());
            let expected = if fits { Ok(3) } else { Err("M_LIMIT_EXCEEDED".to_owned()) };
            assert_eq!(outcome.map_err(|refused| code(&refused)), expected, "{of_sender:?} {of_others:?} {sender}");
        }
    }
}

#[test]
fn where_a_device_is_full_nothing_is_sent_until_nobody_seems_to_read_there() {
    let now_ms = 1_000 + UNREAD_MS_MAX;
    let fill = InboxFill { of_sender: waiting(SENDER_BYTES_MAX, 64), of_others: Waiting::default() };
    let mut state = Device::alice().logged_in();
    let at = |oldest_ms, count, state: &mut _| {
        let outcome = when_at(&full(fill, oldest_ms), now_ms, state, send("1", count, "a"));
        outcome.map(|(_, facts)| recipients(&facts)).map_err(|refused| code(&refused))
    };
    assert_eq!(at(1_001, 3, &mut state), Err("M_LIMIT_EXCEEDED".to_owned()));
    assert_eq!(at(1_000, 3, &mut state), Ok(vec!["D0".to_owned(), "D2".to_owned()]), "the same request, which was not done");
    assert_eq!(at(1_001, 3, &mut state), Ok(Vec::new()), "it is done now, full or not");
}
