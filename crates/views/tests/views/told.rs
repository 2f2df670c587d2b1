//! Nobody misses what a sync would show: whoever is told something was woken.

use domain::{
    Fact,
    room::RoomForgotten,
    user::{
        SessionClosed, cross_signing::SignaturesAdded, data::AccountDataSet, keys::OneTimeKeysUploaded,
        receipts::ReceiptKind, to_device::InboxMessage,
    },
};
use proptest::prelude::*;
use ruma::{OwnedUserId, RoomId, UserId, api::client::sync::sync_events::v5, serde::Raw, uint};
use serde_json::{Value, json, value::to_raw_value};
use views::{
    Reader, SyncToken,
    sync::{Caller, Typing, sliding, v3},
};

use crate::{
    facts::{device, device_keys, member, pdu, receipt, room, user},
    folded::Folded,
};

/// Nobody types.
struct Silence;

impl Typing for Silence {
    fn newest(&self) -> u64 {
        0
    }

    fn since(&self, _: &RoomId, _: u64, _: &Reader) -> Option<Vec<OwnedUserId>> {
        None
    }
}

const PEOPLE: [&str; 4] = ["alice", "bob", "carol", "dora"];

/// What `/sync` tells a person who was told everything before the newest fact, without the token that it ends in.
fn news(folded: &Folded, user: &UserId) -> Value {
    let since = Some(SyncToken::before(folded.position()));
    let query = v3::Query { since, ..v3::Query::default() };
    let caller = Caller { reader: &folded.reader(user), device: device(), now_ms: 0 };
    let (response, is_empty) = v3::sync(&*folded.rows(), caller, &query, &Silence).unwrap();
    let keys = (&response.device_one_time_keys_count, &response.device_unused_fallback_key_types);
    // Counts of keys are in every answer; what they were before is not known here.
    json!({ "is_empty": is_empty, "keys": keys })
}

/// All rooms, and everything beside them that is new since `told`.
fn everything(told: u64) -> v5::Request {
    let mut list = v5::request::List::default();
    list.ranges = vec![(uint!(0), uint!(50))];
    list.room_details.timeline_limit = uint!(5);
    let mut request = v5::Request::new();
    request.lists.insert("all".to_owned(), list);
    let extensions = &mut request.extensions;
    extensions.to_device.enabled = Some(true);
    extensions.to_device.since = Some(SyncToken::at(told).to_string());
    extensions.e2ee.enabled = Some(true);
    extensions.account_data.enabled = Some(true);
    extensions.receipts.enabled = Some(true);
    request
}

/// What a person's client knows before a fact.
struct Client {
    user: OwnedUserId,
    keys: Value,
    sliding: sliding::Connection,
}

impl Client {
    /// Takes in what both kinds of sync tell after one more fact, and says whether that is anything.
    fn has_news(&mut self, folded: &Folded) -> bool {
        let mut news = news(folded, &self.user);
        let keys = news["keys"].take();
        let caller = Caller { reader: &folded.reader(&self.user), device: device(), now_ms: 0 };
        let request = everything(folded.position() - 1);
        let answer = sliding::sync(&*folded.rows(), caller, &request, &self.sliding, &Silence).unwrap();
        self.sliding = answer.connection;
        let are_counts_new = std::mem::replace(&mut self.keys, keys) != self.keys;
        news["is_empty"] == json!(false) || are_counts_new || !answer.is_empty
    }
}

/// A fact of some kind by and about somebody; not all of them make sense.
fn deed(number: u64, (kind, actor, other, place): (u8, usize, usize, usize)) -> Fact {
    let (actor, other, room) = (user(PEOPLE[actor]), user(PEOPLE[other]), room(["tea", "den"][place]));
    match kind {
        0 => member(number, &room, &actor, &actor, "join"),
        1 => member(number, &room, &actor, &actor, "leave"),
        2 => member(number, &room, &actor, &other, "invite"),
        3 => member(number, &room, &actor, &other, "leave"),
        4 => member(number, &room, &actor, &other, "ban"),
        5 => member(number, &room, &actor, &actor, "knock"),
        6 => pdu(number, &room, &actor, "m.room.encrypted", None, &json!({})),
        7 => pdu(number, &room, &actor, "m.room.name", Some(""), &json!({ "name": number })),
        8 => pdu(number, &room, &actor, "m.room.history_visibility", Some(""), &json!({ "history_visibility": "joined" })),
        9 => receipt(&actor, &room, ReceiptKind::Public, number.saturating_sub(2)),
        10 => receipt(&actor, &room, ReceiptKind::Private, number.saturating_sub(1)),
        11 => device_keys(&actor, number),
        12 => Fact::SessionClosed(SessionClosed { user_id: actor, device_id: device().into() }),
        13 => Fact::RoomForgotten(RoomForgotten { room_id: room, user_id: actor }),
        14 => Fact::AccountDataSet(AccountDataSet {
            user_id: actor,
            room_id: number.is_multiple_of(2).then_some(room),
            event_type: "a".to_owned(),
            content: to_raw_value(&number).unwrap(),
        }),
        15 => Fact::InboxMessage(InboxMessage {
            content: Raw::from_json(to_raw_value(&json!({})).unwrap()),
            device_id: device().into(),
            sender: actor,
            event_type: "m.room.encrypted".to_owned(),
            user_id: other,
        }),
        16 => {
            let fact = json!({ "signatures": { "ed25519:A": number.to_string() }, "target": "key", "target_user_id": other, "user_id": actor });
            Fact::SignaturesAdded(serde_json::from_value::<SignaturesAdded>(fact).unwrap())
        }
        17 => Fact::AccountDataSet(AccountDataSet {
            user_id: actor,
            room_id: None,
            event_type: "m.ignored_user_list".to_owned(),
            content: to_raw_value(&json!({ "ignored_users": { other: {} } })).unwrap(),
        }),
        _ => {
            let keys = json!({ format!("signed_curve25519:{number}"): { "key": "a" } });
            let fact = json!({ "device_id": "PHONE", "keys": keys, "user_id": actor });
            Fact::OneTimeKeysUploaded(serde_json::from_value::<OneTimeKeysUploaded>(fact).unwrap())
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    /// A sync that would show something and is not woken is a lost update.
    #[test]
    fn whoever_is_told_something_is_woken(
        deeds in prop::collection::vec((0..19_u8, 0..4_usize, 0..4_usize, 0..2_usize), 1..60),
    ) {
        let mut folded = Folded::default();
        for (number, name) in (1..).zip(["tea", "den"]) {
            folded.add(pdu(number, &room(name), &user("alice"), "m.room.create", Some(""), &json!({})));
        }
        let client = |name: &&str| Client { user: user(name), keys: Value::Null, sliding: sliding::Connection::default() };
        let mut clients: Vec<Client> = PEOPLE.iter().map(client).collect();
        // The first answers tell everybody something.
        clients.iter_mut().for_each(|client| { client.has_news(&folded); });
        for what in deeds {
            folded.add(deed(folded.position() + 1, what));
            let woken = folded.woken();
            for client in &mut clients {
                prop_assert!(
                    !client.has_news(&folded) || woken.contains(&client.user),
                    "{} is not woken by {what:?} at {}", client.user, folded.position()
                );
            }
        }
    }
}
