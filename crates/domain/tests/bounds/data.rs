//! What clients keep on the server: profile, account data, tags, push rules, filters, pushers and receipts.

use domain::{
    Fact,
    lookup::FoundEvent,
    user::{
        SetProfileField, UserState,
        data::{
            ACCOUNT_DATA_BYTES_MAX, ChangePushRules, PushRuleChange, SetAccountData, SetTag, TAG_BYTES_MAX,
            TAGS_PER_ROOM_MAX, TYPE_BYTES_MAX,
        },
        filters::{CreateFilter, FILTER_BYTES_MAX},
        profile::{AVATAR_URL, DISPLAY_NAME, DISPLAY_NAME_BYTES_MAX, FIELD_NAME_BYTES_MAX, PROFILE_BYTES_MAX},
        pushers::{ReachPusher, SetPusher},
        receipts::{MarkRead, NewReceipt, RECEIPTS_PER_REQUEST_MAX, ReceiptKind},
        reports::{MakeReport, REPORT_BYTES_MAX, Reported},
    },
};
use ruma::{
    events::room::member::MembershipState,
    owned_event_id, owned_room_id,
    push::{NewPatternedPushRule, NewPushRule},
};
use serde_json::{Value, json, value::RawValue};

use crate::{
    ink::Ink,
    sessions::{account, alice},
    world::{Twins, World},
};

/// Bytes of the address of a picture.
const AVATAR_BYTES_MAX: usize = 1_024;
/// Bytes of a pusher, of its application and of its key.
const PUSHER_BYTES_MAX: [usize; 3] = [16_384, 64, 512];
/// Bytes of a thread's id.
const THREAD_BYTES_MAX: usize = 255;

/// Fields of a profile.
pub(crate) fn profile(world: &mut World, ink: &Ink) {
    let mut user = account();
    let set = |field: &str, value| SetProfileField { user_id: alice(), field: field.to_owned(), value };
    let name = |bytes| set(DISPLAY_NAME, Some(Value::String(ink.text(bytes))));
    let avatar = |bytes: usize| set(AVATAR_URL, Some(json!(format!("mxc://h/{}", "a".repeat(bytes - 8)))));
    for accepted in [name(0), name(DISPLAY_NAME_BYTES_MAX), avatar(9), avatar(AVATAR_BYTES_MAX)] {
        world.accept(&mut user, accepted);
    }
    world.refuse(&user, name(DISPLAY_NAME_BYTES_MAX + 1), "M_INVALID_PARAM");
    world.refuse(&user, avatar(AVATAR_BYTES_MAX + 1), "M_INVALID_PARAM");
    let nested: Value = serde_json::from_str(ink.raw("", 2_000).get()).unwrap();
    for (field, value) in [(1, Some(nested)), (FIELD_NAME_BYTES_MAX, Some(Value::Null)), (FIELD_NAME_BYTES_MAX, None)] {
        world.accept(&mut user, set(&ink.text(field), value));
    }
    world.refuse(&user, set("", Some(Value::Null)), "M_INVALID_PARAM");
    world.refuse(&user, set(&ink.text(FIELD_NAME_BYTES_MAX + 1), None), "M_KEY_TOO_LARGE");
    // The profile is `{"f":"…"}`.
    let mut user = account();
    let whole = |bytes: usize| set("f", Some(json!("x".repeat(bytes - 8))));
    world.accept(&mut user, whole(PROFILE_BYTES_MAX));
    world.refuse(&user, whole(PROFILE_BYTES_MAX + 1), "M_PROFILE_TOO_LARGE");
}

/// Account data of the account and of a room.
pub(crate) fn account_data(world: &mut World, ink: &Ink) {
    let mut user = account();
    let set = |event_type: usize, bytes: usize, is_of_room: bool| SetAccountData {
        user_id: alice(),
        room_id: is_of_room.then(|| owned_room_id!("!room:h")),
        event_type: ink.text(event_type),
        content: ink.raw("", bytes),
    };
    world.refuse(&user, set(1, 2, true), "M_FORBIDDEN");
    world.known.membership = Some(MembershipState::Leave);
    for is_of_room in [false, true] {
        for (event_type, bytes) in [(1, 2), (1, 400), (TYPE_BYTES_MAX, ACCOUNT_DATA_BYTES_MAX)] {
            world.accept(&mut user, set(event_type, bytes, is_of_room));
        }
    }
    world.refuse(&user, set(1, ACCOUNT_DATA_BYTES_MAX + 1, false), "M_TOO_LARGE");
    world.refuse(&user, set(0, 2, false), "M_INVALID_PARAM");
    world.refuse(&user, set(TYPE_BYTES_MAX + 1, 2, false), "M_INVALID_PARAM");
    let content = RawValue::from_string("[]".to_owned()).unwrap();
    world.refuse(&user, SetAccountData { content, ..set(1, 2, false) }, "M_BAD_JSON");
    world.accept(&mut user, domain::user::Deactivate { user_id: alice(), erase: true });
}

/// Tags, and push rules as large as account data may be.
pub(crate) fn tags_and_push_rules(world: &mut World, ink: &Ink) {
    let mut user = account();
    let tag = |tag: String, info: Option<&str>| {
        let info = info.map(|json| serde_json::from_str(json).unwrap());
        SetTag { user_id: alice(), room_id: owned_room_id!("!room:h"), tag, info }
    };
    world.pass(&user, tag("none".to_owned(), None));
    world.refuse(&user, tag("none".to_owned(), Some("{}")), "M_FORBIDDEN");
    world.known.membership = Some(MembershipState::Join);
    let info = ink.raw("", 800);
    world.accept(&mut user, tag(ink.text(TAG_BYTES_MAX), Some(info.get())));
    for number in 1..TAGS_PER_ROOM_MAX {
        world.accept_once(&mut user, tag(number.to_string(), Some("{}")));
    }
    world.refuse(&user, tag("one more".to_owned(), Some("{}")), "M_INVALID_PARAM");
    world.refuse(&user, tag(ink.text(TAG_BYTES_MAX + 1), Some("{}")), "M_INVALID_PARAM");
    world.refuse(&user, tag(String::new(), None), "M_INVALID_PARAM");
    world.pass(&user, tag("one more".to_owned(), None));
    world.accept(&mut user, tag(ink.text(TAG_BYTES_MAX), None));
    push_rules(world, &mut user, ink);
}

fn push_rules(world: &mut World, user: &mut Twins<UserState>, ink: &Ink) {
    let insert = |bytes: usize| {
        let rule =
            NewPatternedPushRule::new(format!("a{}", ink.text(9).replace(['/', '\\'], "_")), "x".repeat(bytes), vec![]);
        let change = PushRuleChange::Insert { rule: NewPushRule::Content(rule), after: None, before: None };
        ChangePushRules { user_id: alice(), change }
    };
    let facts = world.accept(user, insert(1));
    let Some(Fact::AccountDataSet(set)) = facts.first() else { panic!("push rules are account data") };
    let most = 1 + ACCOUNT_DATA_BYTES_MAX - set.content.get().len();
    world.accept(user, insert(most));
    world.refuse(user, insert(most + 1), "M_TOO_LARGE");
}

/// Filters and pushers.
pub(crate) fn filters_and_pushers(world: &mut World, ink: &Ink) {
    let mut user = account();
    let filter = |bytes| CreateFilter { user_id: alice(), filter: ink.raw("", bytes) };
    [2, 500, FILTER_BYTES_MAX].into_iter().for_each(|bytes| drop(world.accept(&mut user, filter(bytes))));
    world.refuse(&user, filter(FILTER_BYTES_MAX + 1), "M_TOO_LARGE");

    let [bytes_max, app_id_max, pushkey_max] = PUSHER_BYTES_MAX;
    let pusher = |app_id: usize, pushkey: usize, bytes: Option<usize>| SetPusher {
        user_id: alice(),
        device_id: ink.text(255).into(),
        app_id: ink.text(app_id),
        pushkey: ink.text(pushkey),
        pusher: bytes.map(|bytes| ink.raw("", bytes)),
    };
    let reach = |app_id, pushkey, position, unread| ReachPusher {
        user_id: alice(),
        app_id: ink.text(app_id),
        pushkey: ink.text(pushkey),
        position,
        unread,
    };
    world.accept(&mut user, pusher(1, 1, Some(2)));
    world.accept(&mut user, reach(1, 1, 0, 0));
    world.accept(&mut user, pusher(app_id_max, pushkey_max, Some(bytes_max)));
    world.accept(&mut user, reach(app_id_max, pushkey_max, u64::MAX, u32::MAX));
    world.accept(&mut user, pusher(app_id_max, pushkey_max, None));
    world.refuse(&user, pusher(1, 1, Some(bytes_max + 1)), "M_TOO_LARGE");
    for (app_id, pushkey) in [(0, 1), (app_id_max + 1, 1), (1, 0), (1, pushkey_max + 1)] {
        world.refuse(&user, pusher(app_id, pushkey, Some(2)), "M_INVALID_PARAM");
    }
}

/// Receipts, and the marker that is account data.
pub(crate) fn receipts(world: &mut World, ink: &Ink) {
    let mut user = account();
    world.known.membership = Some(MembershipState::Join);
    let found = |position| FoundEvent { position, sender: alice(), added: None };
    world.known.events.insert(owned_event_id!("$first"), found(0));
    world.known.events.insert(owned_event_id!("$last"), found(u64::MAX));
    let receipt = |kind, thread: Option<usize>| {
        let thread = thread.map(|bytes| ink.text(bytes));
        NewReceipt { kind, thread, event_id: owned_event_id!("$last") }
    };
    let mark = |receipts: Vec<NewReceipt>, fully_read| MarkRead {
        user_id: alice(),
        room_id: owned_room_id!("!room:h"),
        receipts,
        fully_read,
    };
    let first = NewReceipt { event_id: owned_event_id!("$first"), ..receipt(ReceiptKind::Public, None) };
    world.accept(&mut user, mark(vec![first], Some(owned_event_id!("$last"))));
    world.now_ms = ruma::UInt::MAX;
    let all = [(ReceiptKind::Public, None), (ReceiptKind::Private, None), (ReceiptKind::Public, Some(THREAD_BYTES_MAX))];
    world.accept(&mut user, mark(all.map(|(kind, thread)| receipt(kind, thread)).into(), None));
    let threads = |count: usize| (1..=count).map(|bytes| receipt(ReceiptKind::Private, Some(bytes))).collect::<Vec<_>>();
    world.accept(&mut user, mark(threads(RECEIPTS_PER_REQUEST_MAX), Some(owned_event_id!("$first"))));
    world.refuse(&user, mark(threads(RECEIPTS_PER_REQUEST_MAX + 1), None), "M_INVALID_PARAM");
    for bytes in [0, THREAD_BYTES_MAX + 1] {
        world.refuse(&user, mark(vec![receipt(ReceiptKind::Public, Some(bytes))], None), "M_INVALID_PARAM");
    }
    world.refuse(&user, mark(Vec::new(), Some(owned_event_id!("$none"))), "M_NOT_FOUND");
}

/// Reports.
pub(crate) fn reports(world: &mut World, ink: &Ink) {
    let mut user = account();
    world.known.events.insert(owned_event_id!("$seen"), FoundEvent { position: 1, sender: alice(), added: None });
    let report = |reported, bytes: usize| MakeReport { user_id: alice(), reported, reason: Some(ink.text(bytes)) };
    let room = owned_room_id!("!room:h");
    let event = |id| Reported::Event(room.clone(), id);
    world.refuse(&user, report(Reported::Room(room.clone()), 1), "M_NOT_FOUND");
    world.known.membership = Some(MembershipState::Leave);
    for reported in [Reported::Room(room.clone()), Reported::Person(alice()), event(owned_event_id!("$seen"))] {
        for bytes in [0, 1, REPORT_BYTES_MAX] {
            world.accept(&mut user, report(reported.clone(), bytes));
        }
        world.refuse(&user, report(reported, REPORT_BYTES_MAX + 1), "M_TOO_LARGE");
    }
    world.refuse(&user, report(event(owned_event_id!("$none")), 1), "M_NOT_FOUND");
}
