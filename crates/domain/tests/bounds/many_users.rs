//! As many sessions, filters, receipts and the like as an account may have, and one more.

use domain::{
    Fact,
    directory::By,
    lookup::FoundEvent,
    user::{
        CloseSessions, DEVICES_MAX, Deactivate, NewSession, OpenSession, SessionOpened, SetPassword, TokenHash, UserState,
        WhichSessions,
        admin::{ResetBy, ResetLinkMade, ResetPassword},
        data::{
            ACCOUNT_DATA_BYTES_MAX, ACCOUNT_DATA_MAX, ACCOUNT_DATA_TOTAL_BYTES_MAX, AccountDataSet, ChangePushRules,
            PUSH_RULES, PushRuleChange, SetAccountData, merged_push_rules,
        },
        filters::{CreateFilter, FILTER_BYTES_MAX, FILTERS_MAX, FILTERS_TOTAL_BYTES_MAX, FilterCreated},
        pushers::{PUSHERS_MAX, SetPusher},
        receipts::{MarkRead, NewReceipt, RECEIPTS_MAX, ReceiptKind, ReceiptSet},
    },
};
use ruma::{
    events::room::member::MembershipState,
    owned_event_id, owned_room_id,
    push::{NewPatternedPushRule, NewPushRule},
};
use serde_json::{json, value::RawValue};

use crate::{
    ink::Ink,
    sessions::{account, alice},
    world::{Twins, World},
};

/// Push rules, with the server's own.
const RULES_MAX: usize = 2_000;

fn empty() -> Box<RawValue> {
    RawValue::from_string("{}".to_owned()).unwrap()
}

/// Sessions, and all of them closed at once.
pub(crate) fn accounts(world: &mut World, ink: &Ink) {
    let open = |number: usize| {
        let session = NewSession { device_id: Some(ink.numbered(number).into()), ..NewSession::default() };
        OpenSession { user_id: alice(), session }
    };
    let full = |world: &mut World| {
        let mut user = account();
        for number in 1..DEVICES_MAX {
            let device_id = ink.numbered(number).into();
            user.take(&Fact::SessionOpened(SessionOpened { device_id, display_name: None, user_id: alice() }));
        }
        world.accept(&mut user, open(0));
        user
    };
    let mut user = full(world);
    world.refuse(&user, open(DEVICES_MAX), "M_FORBIDDEN");
    // Logging in again on a device that is there takes no place.
    world.accept(&mut user, open(0));
    let set_password = SetPassword { user_id: alice(), phc: ink.text(200), keep_only: Some("NONE".into()) };
    assert_eq!(world.accept_once(&mut user, set_password).len(), DEVICES_MAX + 1);
    let close = CloseSessions { user_id: alice(), which: WhichSessions::All };
    let mut user = full(world);
    assert_eq!(world.accept_once(&mut user, close).len(), DEVICES_MAX);
    let deactivate = Deactivate { user_id: alice(), erase: false };
    let mut user = full(world);
    assert_eq!(world.accept_once(&mut user, deactivate).len(), DEVICES_MAX + 1);
    let mut user = full(world);
    let link = ResetLinkMade { by: By::Operator, expires_at_ms: u64::MAX, token: TokenHash::of("link"), user_id: alice() };
    user.take(&Fact::ResetLinkMade(link));
    let reset = ResetPassword {
        user_id: alice(),
        by: ResetBy::Link(TokenHash::of("link")),
        phc: ink.text(200),
        logout_devices: true,
    };
    assert_eq!(world.accept_once(&mut user, reset).len(), DEVICES_MAX + 1);
}

/// What clients keep.
pub(crate) fn data(world: &mut World, ink: &Ink) {
    account_data(world);
    account_data_bytes(world, ink);
    filters(world, ink);
    pushers(world, ink);
    push_rules(world);
    receipts(world);
}

fn account_data(world: &mut World) {
    let mut user = account();
    for number in 1..ACCOUNT_DATA_MAX {
        let event_type = number.to_string();
        let fact = AccountDataSet { content: empty(), room_id: None, event_type, user_id: alice() };
        let fact = Fact::AccountDataSet(fact);
        user.each(|user| user.data.evolve(&fact));
    }
    let set = |event_type: &str| {
        let (event_type, content) = (event_type.to_owned(), empty());
        SetAccountData { user_id: alice(), room_id: None, event_type, content }
    };
    world.accept(&mut user, set("the last"));
    world.refuse(&user, set("one more"), "M_TOO_LARGE");
    world.pass(&user, set("1"));
}

/// As many bytes of account data as there may be, and one more. An account that has more from before may have less.
fn account_data_bytes(world: &mut World, ink: &Ink) {
    let mut user = account();
    let set = |number: usize, bytes: usize| {
        let event_type = format!("{number:04}");
        SetAccountData { user_id: alice(), room_id: None, event_type, content: ink.raw("", bytes - 4) }
    };
    let (each, count) = (ACCOUNT_DATA_BYTES_MAX, ACCOUNT_DATA_TOTAL_BYTES_MAX / ACCOUNT_DATA_BYTES_MAX);
    (0..count).for_each(|number| drop(world.accept_once(&mut user, set(number, each))));
    world.refuse(&user, set(count, 500), "M_TOO_LARGE");
    world.accept(&mut user, set(0, each - 1_000));
    world.refuse(&user, set(count, 1_001), "M_TOO_LARGE");
    world.accept(&mut user, set(count, 1_000));
    let SetAccountData { user_id, room_id, event_type, content } = set(9_999, each);
    user.take(&Fact::AccountDataSet(AccountDataSet { content, room_id, event_type, user_id }));
    world.refuse(&user, set(0, each), "M_TOO_LARGE");
    world.accept(&mut user, set(9_999, each - 1));
    world.accept(&mut user, Deactivate { user_id: alice(), erase: true });
}

fn filters(world: &mut World, ink: &Ink) {
    let mut user = account();
    for number in 1..FILTERS_MAX {
        let filter = RawValue::from_string(format!("{{\"n\":{number}}}")).unwrap();
        let fact = FilterCreated { filter, filter_id: (number - 1).to_string(), user_id: alice() };
        user.take(&Fact::FilterCreated(fact));
    }
    let filter = |bytes| CreateFilter { user_id: alice(), filter: ink.raw("", bytes) };
    world.accept(&mut user, filter(900));
    world.refuse(&user, filter(901), "M_FORBIDDEN");
    let mut user = account();
    let (each, count) = (FILTER_BYTES_MAX - 100, FILTERS_TOTAL_BYTES_MAX / (FILTER_BYTES_MAX - 100));
    (0..count).for_each(|number| drop(world.accept_once(&mut user, filter(each - number))));
    let left = FILTERS_TOTAL_BYTES_MAX - (0..count).map(|number| each - number).sum::<usize>();
    world.refuse(&user, filter(left + 1), "M_TOO_LARGE");
    world.accept(&mut user, filter(left));
}

fn pushers(world: &mut World, ink: &Ink) {
    let mut user = account();
    let pusher = |number: usize| SetPusher {
        user_id: alice(),
        device_id: ink.text(255).into(),
        app_id: number.to_string(),
        pushkey: ink.text(512),
        pusher: Some(ink.raw("", 800)),
    };
    (0..PUSHERS_MAX).for_each(|number| drop(world.accept_once(&mut user, pusher(number))));
    world.refuse(&user, pusher(PUSHERS_MAX), "M_FORBIDDEN");
}

fn push_rules(world: &mut World) {
    let mut user = account();
    let rule =
        |number: usize| NewPushRule::Content(NewPatternedPushRule::new(number.to_string(), String::new(), Vec::new()));
    let mut rules = merged_push_rules(&alice(), None);
    for number in rules.iter().count()..RULES_MAX - 1 {
        rules.insert(rule(number), None, None).unwrap();
    }
    let content = serde_json::value::to_raw_value(&json!({ "global": rules })).unwrap();
    let fact = AccountDataSet { content, room_id: None, event_type: PUSH_RULES.to_owned(), user_id: alice() };
    user.take(&Fact::AccountDataSet(fact));
    let insert = |number| {
        let change = PushRuleChange::Insert { rule: rule(number), after: None, before: None };
        ChangePushRules { user_id: alice(), change }
    };
    world.accept_once(&mut user, insert(RULES_MAX));
    world.refuse(&user, insert(RULES_MAX + 1), "M_FORBIDDEN");
}

fn receipts(world: &mut World) {
    let mut user: Twins<UserState> = account();
    let (event_id, room_id) = (owned_event_id!("$event"), owned_room_id!("!room:h"));
    world.known.membership = Some(MembershipState::Join);
    world.known.events.insert(event_id.clone(), FoundEvent { position: 9, sender: alice(), added: None });
    let mut fact = ReceiptSet {
        event_id: event_id.clone(),
        event_position: 1,
        room_id: room_id.clone(),
        thread: None,
        ts_ms: 0,
        kind: ReceiptKind::Public,
        user_id: alice(),
    };
    for number in 1..RECEIPTS_MAX {
        fact.thread = Some(number.to_string());
        let fact = Fact::ReceiptSet(fact.clone());
        user.each(|user| user.receipts.evolve(&fact));
    }
    let mark = |thread: &str| {
        let receipt = NewReceipt { kind: ReceiptKind::Public, thread: Some(thread.to_owned()), event_id: event_id.clone() };
        MarkRead { user_id: alice(), room_id: room_id.clone(), receipts: vec![receipt], fully_read: None }
    };
    world.accept(&mut user, mark("the last"));
    world.refuse(&user, mark("one more"), "M_FORBIDDEN");
    world.accept(&mut user, mark("1"));
}
