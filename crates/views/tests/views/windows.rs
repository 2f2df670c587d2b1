//! Windows of sliding sync over several rooms, with a server that forgets every connection and makes it anew.

use std::collections::BTreeMap;

use domain::{Fact, room::RoomForgotten, user::data::AccountDataSet};
use proptest::{collection::vec, prelude::*, sample::select};
use ruma::{OwnedRoomId, api::client::sync::sync_events::v5, events::room::member::MembershipState};
use serde_json::{Value, json, value::to_raw_value};
use views::{
    membership::membership_of,
    rooms::current_state,
    sync::{Caller, sliding},
};

use crate::{
    agree::{Client, Silence},
    facts::{device, member, pdu, room, user},
    folded::Folded,
};

const CALLER: &str = "bob";
const ROOMS: [&str; 4] = ["r0", "r1", "r2", "r3"];

/// Something that happens in one of the rooms.
#[derive(Clone, Debug)]
enum Step {
    Say(&'static str),
    Name(&'static str),
    Encrypt(&'static str),
    Caller(&'static str, &'static str),
    Forget(&'static str),
    Direct(&'static str),
    Sync,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let rooms = || select(ROOMS.to_vec());
    let step = prop_oneof![
        3 => rooms().prop_map(Step::Say),
        2 => rooms().prop_map(Step::Name),
        1 => rooms().prop_map(Step::Encrypt),
        3 => (rooms(), select(vec!["join", "leave", "invite"])).prop_map(|(room, what)| Step::Caller(room, what)),
        1 => rooms().prop_map(Step::Forget),
        1 => rooms().prop_map(Step::Direct),
        5 => Just(Step::Sync),
    ];
    vec(step, 1..40)
}

/// What a request asks for: the same each time.
fn requests() -> impl Strategy<Value = Value> {
    let windows =
        vec![json!([[0, 0]]), json!([[0, 1]]), json!([[1, 2]]), json!([[0, 0], [2, 3]]), json!([[0, 9]]), json!([])];
    let filters = vec![
        json!({}),
        json!({ "is_invite": false }),
        json!({ "is_encrypted": false }),
        json!({ "is_encrypted": true }),
        json!({ "is_dm": true }),
        json!({ "is_dm": false }),
    ];
    let list = (select(windows), select(filters), 0..3_u8).prop_map(|(ranges, filters, limit)| {
        json!({ "ranges": ranges, "filters": filters, "timeline_limit": limit, "required_state": [["*", "*"]] })
    });
    let subscribed = select(vec![None, Some("r1")]);
    (vec(list, 1..3), subscribed).prop_map(|(lists, subscribed)| {
        let lists: BTreeMap<String, Value> =
            lists.into_iter().enumerate().map(|(name, list)| (name.to_string(), list)).collect();
        let details = json!({ "timeline_limit": 1, "required_state": [["*", "*"]] });
        let subscriptions: BTreeMap<OwnedRoomId, Value> = subscribed.map(|name| (room(name), details)).into_iter().collect();
        json!({ "lists": lists, "room_subscriptions": subscriptions })
    })
}

fn request(of: &Value) -> v5::Request {
    let mut request = v5::Request::new();
    request.lists = serde_json::from_value(of["lists"].clone()).unwrap();
    request.room_subscriptions = serde_json::from_value(of["room_subscriptions"].clone()).unwrap();
    request
}

fn take(folded: &mut Folded, step: &Step) {
    let (number, alice, caller) = (folded.position() + 1, user("alice"), user(CALLER));
    let state = |name: &str, what: &str, content: Value| pdu(number, &room(name), &alice, what, Some(""), &content);
    folded.add(match step {
        Step::Say(name) => pdu(number, &room(name), &alice, "m.room.message", None, &json!({ "body": "x" })),
        Step::Name(name) => state(name, "m.room.name", json!({ "name": "x" })),
        Step::Encrypt(name) => state(name, "m.room.encryption", json!({ "algorithm": "m.megolm.v1.aes-sha2" })),
        Step::Caller(name, what) => member(number, &room(name), &alice, &caller, what),
        Step::Forget(name) => Fact::RoomForgotten(RoomForgotten { user_id: caller, room_id: room(name) }),
        Step::Direct(name) => {
            let content = to_raw_value(&json!({ "@alice:h": [room(name)] })).unwrap();
            Fact::AccountDataSet(AccountDataSet {
                content,
                room_id: None,
                event_type: "m.direct".to_owned(),
                user_id: caller,
            })
        }
        Step::Sync => return,
    });
}

/// Rooms of alice and the caller.
fn given() -> Folded {
    let (mut folded, alice) = (Folded::default(), user("alice"));
    for name in ROOMS {
        let (room, first) = (room(name), folded.position() + 1);
        folded.add(pdu(first, &room, &alice, "m.room.create", Some(""), &json!({ "room_version": "11" })));
        folded.add(member(first + 1, &room, &alice, &alice, "join"));
        folded.add(member(first + 2, &room, &alice, &user(CALLER), "join"));
    }
    folded
}

/// A client that applies whatever it is told of each room, and drops what it is told to have left.
#[derive(Default)]
struct Follower {
    rooms: BTreeMap<OwnedRoomId, Client>,
    pos: Option<(u64, sliding::Coverage)>,
    /// Answers for which a client had to begin anew.
    begun_anew: usize,
}

impl Follower {
    /// One answer of a server that remembers nothing but the position, and then what is known against what is so: of each room that a first
    /// answer would show, all of its state; and of what was left and not forgotten, nothing.
    fn sync(&mut self, folded: &Folded, request: &v5::Request) -> v5::Response {
        let (rows, reader) = (folded.rows(), folded.reader(&user(CALLER)));
        let caller = Caller { reader: &reader, device: device(), now_ms: 0 };
        let made_anew = self.pos.and_then(|pos| sliding::rebuilt(&*rows, caller, request, pos).unwrap());
        if made_anew.is_none() {
            self.rooms.clear();
            self.begun_anew += 1;
        }
        let before = made_anew.unwrap_or_default();
        let answer = sliding::sync(&*rows, caller, request, &before, &Silence).unwrap();
        for (room, told) in &answer.response.rooms {
            if membership_of(&*rows, room, &user(CALLER)).unwrap() != MembershipState::Join {
                self.rooms.remove(room);
                continue;
            }
            let client = self.rooms.entry(room.clone()).or_default();
            if told.initial == Some(true) {
                client.known.clear();
            }
            client.apply(&told.required_state);
            client.apply(&told.timeline);
        }
        let first = sliding::sync(&*rows, caller, request, &sliding::Connection::default(), &Silence).unwrap();
        for room in first.response.rooms.keys() {
            if membership_of(&*rows, room, &user(CALLER)).unwrap() == MembershipState::Join {
                let known = self.rooms.get(room).map(|client| &client.known);
                assert_eq!(known, Some(&current_state(&*rows, room).unwrap()), "{room}");
            }
        }
        self.pos = Some((answer.connection.position(), answer.coverage));
        answer.response
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn who_is_told_by_a_server_that_forgets_knows_all_rooms_of_the_windows(steps in steps(), of in requests()) {
        let (mut folded, mut client, request) = (given(), Follower::default(), request(&of));
        for step in steps.iter().chain([&Step::Sync]) {
            take(&mut folded, step);
            if matches!(step, Step::Sync) {
                client.sync(&folded, &request);
            }
        }
    }
}

#[test]
fn of_a_window_only_rooms_with_news_are_told_again() {
    let (mut folded, mut client) = (given(), Follower::default());
    let list = json!({ "ranges": [[0, 2]], "timeline_limit": 1, "required_state": [["*", "*"]] });
    let request = request(&json!({ "lists": { "all": list }, "room_subscriptions": {} }));
    assert_eq!(client.sync(&folded, &request).rooms.len(), 3);
    assert!(client.sync(&folded, &request).rooms.is_empty(), "nothing happened");
    let told = |client: &mut Follower, folded: &Folded| client.sync(folded, &request).rooms.into_keys().collect::<Vec<_>>();
    for (said_in, what) in [("r2", "it was in the window"), ("r0", "it was not"), ("r0", "it is the first")] {
        take(&mut folded, &Step::Say(said_in));
        assert_eq!(told(&mut client, &folded), [room(said_in)], "{what}");
    }
    assert_eq!(client.begun_anew, 1, "only by its first answer");
}
