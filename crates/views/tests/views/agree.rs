//! State and timeline against a naive model: over random histories of a room, whoever applies the state and then the timeline of each
//! answer has exactly the room's state, whatever the filter leaves out, whatever was missed, and whatever was not theirs to see.

use std::collections::BTreeMap;

use projection::Rows;
use proptest::{collection::vec, prelude::*, sample::select};
use ruma::{
    RoomId,
    api::client::{
        filter::{FilterDefinition, LazyLoadOptions},
        sync::sync_events::{v3::State, v5},
    },
    events::room::member::MembershipState,
    serde::Raw,
};
use serde_json::{Value, json};
use views::{
    END, Reader, SyncToken,
    filter::is_wanted,
    membership::{Sight, membership_at, membership_of},
    rooms::{StateKey, current_state, state_at, timeline_after},
    sync::{
        Caller, Typing,
        sliding::{self, Coverage},
        v3,
    },
};

use crate::{
    facts::{device, member, pdu, room, user},
    folded::Folded,
};

const MEMBER: &str = "m.room.member";
const CALLER: &str = "bob";

pub(crate) struct Silence;

impl Typing for Silence {
    fn newest(&self) -> u64 {
        0
    }

    fn since(&self, _: &RoomId, _: u64, _: &Reader) -> Option<Vec<ruma::OwnedUserId>> {
        None
    }
}

/// Something that happens in the room.
#[derive(Clone, Debug)]
enum Step {
    Say(&'static str),
    Set(&'static str, &'static str),
    Show(&'static str),
    Member(&'static str, &'static str),
    Sync,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let people = || select(vec!["alice", CALLER, "carol", "dave"]);
    let step = prop_oneof![
        3 => people().prop_map(Step::Say),
        3 => (people(), select(vec!["m.room.topic", "m.room.name"])).prop_map(|(who, what)| Step::Set(who, what)),
        1 => select(vec!["joined", "invited", "shared", "world_readable"]).prop_map(Step::Show),
        2 => (people(), select(vec!["join", "leave"])).prop_map(|(who, what)| Step::Member(who, what)),
        2 => (Just(CALLER), select(vec!["join", "leave", "ban", "invite"])).prop_map(|(who, what)| Step::Member(who, what)),
        3 => Just(Step::Sync),
    ];
    vec(step, 1..40)
}

fn filters() -> impl Strategy<Value = Value> {
    let kinds = vec![
        json!({}),
        json!({ "types": ["m.room.message"] }),
        json!({ "not_types": [MEMBER] }),
        json!({ "types": ["m.room.t*"] }),
        json!({ "senders": ["@alice:h"] }),
        json!({ "not_senders": ["@carol:h", "@bob:h"] }),
    ];
    (select(kinds), 0..5_u8, any::<bool>()).prop_map(|(mut timeline, limit, is_lazy)| {
        timeline["limit"] = json!(limit);
        json!({ "room": { "include_leave": true, "timeline": timeline, "state": { "lazy_load_members": is_lazy } } })
    })
}

fn take(folded: &mut Folded, step: &Step) {
    let (room, number) = (room("r"), folded.position() + 1);
    let state = |who: &str, what: &str, content: Value| pdu(number, &room, &user(who), what, Some(""), &content);
    let fact = match step {
        Step::Say(who) => pdu(number, &room, &user(who), "m.room.message", None, &json!({ "body": "x" })),
        Step::Set(who, what) => state(who, what, json!({ "topic": "x", "name": "x" })),
        Step::Show(what) => state("alice", "m.room.history_visibility", json!({ "history_visibility": what })),
        Step::Member(who, what) => member(number, &room, &user("alice"), &user(who), what),
        Step::Sync => return,
    };
    folded.add(fact);
}

/// A room of alice and the caller.
fn given() -> Folded {
    let (room, alice) = (room("r"), user("alice"));
    let create = pdu(1, &room, &alice, "m.room.create", Some(""), &json!({ "room_version": "11" }));
    let caller = user(CALLER);
    Folded::of([create, member(2, &room, &alice, &alice, "join"), member(3, &room, &alice, &caller, "join")])
}

/// What a client that applies whatever it is told knows of the room.
#[derive(Debug, Default)]
pub(crate) struct Client {
    pub(crate) known: BTreeMap<StateKey, u64>,
}

/// The position of an event, which its id has, and what it is the state of.
fn read<T>(event: &Raw<T>) -> (u64, Option<StateKey>) {
    let event: Value = serde_json::from_str(event.json().get()).unwrap();
    let text = |name: &str| event[name].as_str().map(str::to_owned);
    let position = text("event_id").unwrap()[2..].parse().unwrap();
    (position, text("state_key").map(|key| (text("type").unwrap(), key)))
}

impl Client {
    pub(crate) fn apply<'a, T: 'a>(&mut self, events: impl IntoIterator<Item = &'a Raw<T>>) {
        for event in events {
            if let (position, Some(key)) = read(event) {
                self.known.insert(key, position);
            }
        }
    }

    /// What the client knows is so; unless it loads members lazily it knows all, and else at least whoever `must` be known.
    fn check(&self, truth: &BTreeMap<StateKey, u64>, is_lazy: bool, must: impl Fn(&str, u64) -> bool) {
        for (key, position) in &self.known {
            assert_eq!(truth.get(key), Some(position), "{key:?} is not so");
        }
        for (key, position) in truth {
            let is_needed = !is_lazy || key.0 != MEMBER || must(&key.1, *position);
            assert!(!is_needed || self.known.contains_key(key), "{key:?} at {position} is missing");
        }
    }
}

fn sight(rows: &dyn Rows) -> Sight {
    Sight::load(rows, &room("r"), &Reader::load(rows, &user(CALLER)).unwrap()).unwrap()
}

/// What of the timeline the caller is shown in the end, without any window.
fn naive(rows: &dyn Rows, filter: &FilterDefinition, after: u64, through: u64) -> Vec<u64> {
    let sight = sight(rows);
    let all = timeline_after(rows, &room("r"), after, 1_000).unwrap();
    let shown = all
        .into_iter()
        .filter(|entry| entry.0 <= through && sight.may_see(entry) && is_wanted(&filter.room.timeline, &entry.1));
    shown.map(|(position, _)| position).collect()
}

/// The window is the end of what is shown; it says when it is not all, and is shorter than asked only where state would go wrong.
fn check_window<T>(events: &[Raw<T>], limited: bool, all: &[u64], limit: usize) {
    let told: Vec<u64> = events.iter().map(|event| read(event).0).collect();
    assert!(told.len() <= limit && all.ends_with(&told), "{told:?} of {all:?}, at most {limit}");
    assert_eq!(limited, told.len() < all.len(), "{told:?} of {all:?}");
}

fn sync_v3(
    folded: &Folded,
    client: &mut Client,
    since: Option<SyncToken>,
    filter: &FilterDefinition,
    use_state_after: bool,
) -> SyncToken {
    let (rows, room) = (folded.rows(), room("r"));
    let reader = folded.reader(&user(CALLER));
    let caller = Caller { reader: &reader, device: device(), now_ms: 0 };
    let query = v3::Query { since, filter: filter.clone(), full_state: false, use_state_after };
    let (response, _) = v3::sync(&*rows, caller, &query, &Silence).unwrap();
    let told = since.unwrap_or_default().position;
    let is_lazy = matches!(filter.room.state.lazy_load_options, LazyLoadOptions::Enabled { .. });
    let limit = usize::try_from(u64::from(filter.room.timeline.limit.unwrap())).unwrap();
    let was_joined = since.is_some() && membership_at(&*rows, &room, &user(CALLER), told).unwrap() == MembershipState::Join;
    if let Some(joined) = response.rooms.join.get(&room) {
        match &joined.state {
            State::Before(state) => {
                client.apply(&state.events);
                client.apply(&joined.timeline.events);
            }
            State::After(state) => client.apply(&state.events),
            other => panic!("{other:?}"),
        }
        let after = if was_joined { told } else { 0 };
        check_window(&joined.timeline.events, joined.timeline.limited, &naive(&*rows, filter, after, END), limit);
    }
    if membership_of(&*rows, &room, &user(CALLER)).unwrap() == MembershipState::Join {
        let senders: Vec<String> = match response.rooms.join.get(&room) {
            Some(joined) => joined.timeline.events.iter().map(|event| event.get_field("sender").unwrap().unwrap()).collect(),
            None => Vec::new(),
        };
        let must =
            |key: &str, at: u64| key == "@bob:h" || senders.iter().any(|sender| sender == key) || (was_joined && at > told);
        client.check(&current_state(&*rows, &room).unwrap(), is_lazy, must);
    }
    if let Some(left) = response.rooms.leave.get(&room) {
        let State::Before(state) = &left.state else { panic!("state in front of the timeline") };
        client.apply(&state.events);
        client.apply(&left.timeline.events);
        let own = (MEMBER.to_owned(), "@bob:h".to_owned());
        let truth = current_state(&*rows, &room).unwrap();
        assert_eq!(client.known.get(&own), truth.get(&own), "that they left");
        if let Some(through) = sight(&*rows).reads_state_through().filter(|through| was_joined && *through < END) {
            let mut then = state_at(&*rows, &room, through).unwrap();
            // Who was invited again may see more than the state of their last stay.
            let seen = left.timeline.events.iter().map(read);
            then.extend(seen.filter_map(|(position, key)| Some((key?, position))).filter(|(_, at)| *at > through));
            then.insert(own.clone(), truth[&own]);
            client.check(&then, is_lazy, |_, at| at > told);
        }
        // A client that comes back begins anew.
        client.known.clear();
    }
    if response.rooms.invite.contains_key(&room) {
        // Nor is there anything left of before where somebody is asked anew.
        client.known.clear();
    }
    response.next_batch.parse().unwrap()
}

fn sync_sliding(
    folded: &Folded,
    client: &mut Client,
    (before, restarts): ((sliding::Connection, Coverage), bool),
    limit: u8,
    is_lazy: bool,
) -> (sliding::Connection, Coverage) {
    let (rows, room) = (folded.rows(), room("r"));
    let reader = folded.reader(&user(CALLER));
    let caller = Caller { reader: &reader, device: device(), now_ms: 0 };
    let state = if is_lazy {
        json!([
            ["m.room.topic", ""],
            ["m.room.name", ""],
            ["m.room.create", ""],
            ["m.room.history_visibility", ""],
            [MEMBER, "$LAZY"],
            [MEMBER, "$ME"]
        ])
    } else {
        json!([["*", "*"]])
    };
    let list = json!({ "ranges": [[0, 9]], "timeline_limit": limit, "required_state": state });
    let mut request = v5::Request::new();
    request.lists = [("all".to_owned(), serde_json::from_value(list).unwrap())].into();
    let (before, coverage) = before;
    let made_anew = sliding::rebuilt(&*rows, caller, &request, (before.position(), coverage)).unwrap();
    let before = made_anew.filter(|_| restarts).unwrap_or(before);
    let answer = sliding::sync(&*rows, caller, &request, &before, &Silence).unwrap();
    let is_joined = membership_of(&*rows, &room, &user(CALLER)).unwrap() == MembershipState::Join;
    if let Some(told) = answer.response.rooms.get(&room) {
        if told.initial == Some(true) {
            client.known.clear();
        }
        client.apply(&told.required_state);
        client.apply(&told.timeline);
        assert!(told.timeline.len() <= usize::from(limit.max(1)));
    }
    if is_joined {
        client.check(&current_state(&*rows, &room).unwrap(), is_lazy, |key, _| key == "@bob:h");
    }
    (answer.connection, answer.coverage)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn state_and_timeline_of_a_sync_give_the_state_of_the_room(
        steps in steps(), filter in filters(), use_state_after in any::<bool>(),
    ) {
        let filter: FilterDefinition = serde_json::from_value(filter).unwrap();
        let (mut folded, mut client, mut since) = (given(), Client::default(), None);
        for step in steps.iter().chain([&Step::Sync]) {
            take(&mut folded, step);
            if matches!(step, Step::Sync) {
                since = Some(sync_v3(&folded, &mut client, since, &filter, use_state_after));
            }
        }
    }

    #[test]
    fn required_state_and_timeline_of_a_sliding_sync_give_the_state_of_the_room(
        steps in steps(), limit in 0..5_u8, is_lazy in any::<bool>(), restarts in any::<bool>(),
    ) {
        let (mut folded, mut client, mut connection) = (given(), Client::default(), (sliding::Connection::default(), Coverage::All));
        for step in steps.iter().chain([&Step::Sync]) {
            take(&mut folded, step);
            if matches!(step, Step::Sync) {
                connection = sync_sliding(&folded, &mut client, (connection, restarts), limit, is_lazy);
            }
        }
    }
}
