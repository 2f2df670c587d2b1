//! Sessions, profiles, account data, receipts, filters and pushers: given facts, when a command, then facts or a
//! refusal.

use ruma::{
    OwnedUserId,
    events::room::member::MembershipState,
    push::{Action, NewPatternedPushRule, NewPushRule, RuleKind},
};
use serde_json::{json, value::to_raw_value};

use super::{
    AccountCreated, AccountDeactivated, CloseSessions, CredentialsSet, Deactivate, NewSession, OpenSession, RefreshSession,
    RefreshToken, Refreshed, RenameDevice, SetPassword, SetProfileField, TokenHash, UNUSED_MAX, UseCredentials, UserState,
    WhichSessions,
    data::{ChangePushRules, PushRuleChange, SetAccountData, SetTag},
    filters::CreateFilter,
    keys::fixture::{code, given, when, when_known},
    pushers::{ReachPusher, SetPusher},
    receipts::{MarkRead, NewReceipt, ReceiptKind},
};
use crate::{
    Aggregate as _, Command, Fact,
    lookup::{FoundEvent, fixture::Known},
};

fn id() -> OwnedUserId {
    "@alice:h".try_into().unwrap()
}

fn alice() -> UserState {
    given([Fact::AccountCreated(AccountCreated { user_id: "@alice:h".try_into().unwrap() })])
}

fn open(device: &str, lifetime_ms: Option<u64>) -> OpenSession {
    let session = NewSession { device_id: Some(device.into()), display_name: Some("Phone".to_owned()), lifetime_ms };
    OpenSession { user_id: id(), session }
}

fn logged_in(devices: &[&str]) -> UserState {
    let mut state = alice();
    for device in devices {
        when(&mut state, open(device, None)).unwrap();
    }
    state
}

fn kinds(facts: &[Fact]) -> Vec<&'static str> {
    facts.iter().map(|fact| fact.encode().unwrap().kind).collect()
}

/// The kinds of facts that a command leads to, or the error code.
fn outcome<C: Command<On = UserState>>(state: &mut UserState, command: C) -> Result<Vec<&'static str>, String> {
    outcome_known(&Known::default(), state, command)
}

fn outcome_known<C: Command<On = UserState>>(
    known: &Known,
    state: &mut UserState,
    command: C,
) -> Result<Vec<&'static str>, String> {
    when_known(known, state, command).map(|(_, facts)| kinds(&facts)).map_err(|refused| code(&refused))
}

#[test]
fn nobody_and_the_deactivated_have_no_sessions() {
    assert_eq!(outcome(&mut UserState::default(), open("A", None)), Err("M_NOT_FOUND".to_owned()));
    let mut state = logged_in(&["A"]);
    assert_eq!(
        outcome(&mut state, Deactivate { user_id: id(), erase: false }),
        Ok(vec!["session.closed", "account.deactivated"])
    );
    assert_eq!(outcome(&mut state, Deactivate { user_id: id(), erase: true }), Ok(vec![]));
    assert_eq!(outcome(&mut state, open("A", None)), Err("M_USER_DEACTIVATED".to_owned()));
    let unknown =
        Fact::AccountDeactivated(AccountDeactivated { by: None, erase: true, user_id: "@alice:h".try_into().unwrap() });
    assert_eq!(outcome(&mut given([unknown]), Deactivate { user_id: id(), erase: false }), Ok(vec![]));
}

#[test]
fn a_known_device_keeps_its_session_and_gets_new_tokens() {
    let mut state = logged_in(&["A"]);
    assert_eq!(outcome(&mut state, open("A", None)), Ok(vec!["session.credentials_set"]));
    assert_eq!(outcome(&mut state, open("B", None)), Ok(vec!["session.opened", "session.credentials_set"]));
    assert_eq!(state.devices.len(), 2);
}

#[test]
fn device_ids_and_names_are_bounded() {
    for (device, name, expected) in [
        ("A".repeat(255), 256, None),
        ("A".repeat(256), 0, Some("M_INVALID_PARAM")),
        (String::new(), 0, Some("M_INVALID_PARAM")),
        ("A".to_owned(), 257, Some("M_INVALID_PARAM")),
    ] {
        let session = NewSession { device_id: Some(device.into()), display_name: Some("n".repeat(name)), lifetime_ms: None };
        let refused = when(&mut alice(), OpenSession { user_id: id(), session }).map(|_| ()).err();
        assert_eq!(refused.as_ref().map(code).as_deref(), expected);
    }
}

#[test]
fn closing_sessions() {
    for (which, closed) in [
        (WhichSessions::These(vec!["A".into(), "X".into()]), 1),
        (WhichSessions::All, 3),
        (WhichSessions::AllBut("B".into()), 2),
        (WhichSessions::These(Vec::new()), 0),
    ] {
        let facts = outcome(&mut logged_in(&["A", "B", "C"]), CloseSessions { user_id: id(), which }).unwrap();
        assert_eq!(facts, vec!["session.closed"; closed]);
    }
    let keep_only = Some("A".into());
    let facts = outcome(&mut logged_in(&["A", "B"]), SetPassword { user_id: id(), phc: String::new(), keep_only });
    assert_eq!(facts, Ok(vec!["account.password_set", "session.closed"]));
}

fn refresh(token: &str) -> RefreshSession {
    RefreshSession { user_id: id(), refresh_token: RefreshToken::of(token), lifetime_ms: 5 }
}

fn uses(access: &str) -> UseCredentials {
    UseCredentials { user_id: id(), device_id: "A".into(), access_token: TokenHash::of(access) }
}

/// Refreshes and gives the new access and refresh tokens.
fn refreshed(state: &mut UserState, token: &str) -> (String, String) {
    let (refreshed, facts) = when(state, refresh(token)).unwrap();
    assert_eq!(kinds(&facts), ["session.credentials_set"]);
    let Refreshed::Tokens(session) = refreshed else { panic!("{token} counts") };
    (session.access_token, session.refresh_token.unwrap())
}

/// A session with these tokens.
fn refreshable() -> (UserState, String, String) {
    let mut state = alice();
    let (opened, _) = when(&mut state, open("A", Some(5))).unwrap();
    (state, opened.access_token, opened.refresh_token.unwrap())
}

#[test]
fn old_tokens_count_until_the_new_ones_are_used() {
    let (mut state, a0, r0) = refreshable();
    assert_eq!(outcome(&mut state, refresh("x")), Err("M_UNKNOWN_TOKEN".to_owned()));
    assert_eq!(outcome(&mut state, refresh("x.y")), Err("M_UNKNOWN_TOKEN".to_owned()));
    let (a1, _) = refreshed(&mut state, &r0);
    // The answer was lost: the same token again.
    let (a2, r2) = refreshed(&mut state, &r0);
    assert_eq!(outcome(&mut state, uses(&a0)), Ok(vec![]));
    assert_eq!(outcome(&mut state, uses(&a2)), Ok(vec!["session.credentials_used"]));
    assert_eq!(outcome(&mut state, uses(&a2)), Ok(vec![]));
    for gone in [&a0, &a1] {
        assert_eq!(outcome(&mut state, uses(gone)), Err("M_UNKNOWN_TOKEN".to_owned()));
    }
    // The new refresh token is used without the new access token.
    let (_, r3) = refreshed(&mut state, &r2);
    refreshed(&mut state, &r3);
    assert_eq!(outcome(&mut state, refresh(&r2)), Ok(vec!["session.closed"]));
    assert_eq!(outcome(&mut state, refresh(&r3)), Err("M_UNKNOWN_TOKEN".to_owned()));
}

#[test]
fn a_refresh_token_that_was_replaced_ends_the_session() {
    let (mut state, _, r0) = refreshable();
    when(&mut state, open("B", Some(5))).unwrap();
    let (a1, r1) = refreshed(&mut state, &r0);
    when(&mut state, uses(&a1)).unwrap();
    assert_eq!(outcome(&mut state, refresh(&r0)), Ok(vec!["session.closed"]));
    assert_eq!(state.devices.ids().collect::<Vec<_>>(), ["B"], "another session goes on");
    assert_eq!(outcome(&mut state, refresh(&r1)), Err("M_UNKNOWN_TOKEN".to_owned()));
}

#[test]
fn unused_tokens_are_bounded_and_the_newest_count() {
    let (mut state, _, r0) = refreshable();
    let (first, _) = refreshed(&mut state, &r0);
    let newest: Vec<_> = (0..UNUSED_MAX).map(|_| refreshed(&mut state, &r0).0).collect();
    assert_eq!(outcome(&mut state, uses(&first)), Err("M_UNKNOWN_TOKEN".to_owned()));
    assert_eq!(outcome(&mut state, uses(&newest[0])), Ok(vec!["session.credentials_used"]));
}

#[test]
fn a_refresh_that_an_older_server_wrote_down_ended_the_access_token_at_once() {
    let set = |access: &str, refresh: &str, refreshed: Option<&str>| {
        Fact::CredentialsSet(CredentialsSet {
            access_token: TokenHash::of(access),
            device_id: "A".into(),
            expires_at_ms: Some(9),
            family: None,
            refresh_token: Some(TokenHash::of(refresh)),
            refreshed: refreshed.map(TokenHash::of),
            user_id: id(),
        })
    };
    let mut state = logged_in(&["A"]);
    for fact in [set("a0", "r0", None), set("a1", "r1", Some("r0"))] {
        state.evolve(&fact);
    }
    assert_eq!(outcome(&mut state, uses("a0")), Err("M_UNKNOWN_TOKEN".to_owned()));
    let (a2, r2) = refreshed(&mut state, "r0");
    assert_eq!(outcome(&mut state, uses(&a2)), Ok(vec!["session.credentials_used"]));
    // Which session it was of, nobody knows any more.
    assert_eq!(outcome(&mut state, refresh("r0")), Err("M_UNKNOWN_TOKEN".to_owned()));
    refreshed(&mut state, &r2);
    when(&mut state, CloseSessions { user_id: id(), which: WhichSessions::All }).unwrap();
    assert_eq!(outcome(&mut state, refresh(&r2)), Err("M_UNKNOWN_TOKEN".to_owned()));
}

#[test]
fn renaming_devices() {
    let rename = |device: &str, name: &str| RenameDevice {
        user_id: id(),
        device_id: device.into(),
        display_name: Some(name.to_owned()),
    };
    let mut state = logged_in(&["A"]);
    assert_eq!(outcome(&mut state, rename("A", "Phone")), Ok(vec![]));
    assert_eq!(outcome(&mut state, rename("A", "Laptop")), Ok(vec!["device.renamed"]));
    assert_eq!(outcome(&mut state, rename("X", "Laptop")), Err("M_NOT_FOUND".to_owned()));
}

#[test]
fn profile_fields() {
    let set = |field: &str, value| SetProfileField { user_id: id(), field: field.to_owned(), value };
    let long = "f".repeat(256);
    for (field, value, expected) in [
        ("displayname", Some(json!("Alice")), Ok(1)),
        ("displayname", Some(json!(1)), Err("M_INVALID_PARAM")),
        ("displayname", Some(json!("n".repeat(513))), Err("M_INVALID_PARAM")),
        ("avatar_url", Some(json!("mxc://h/abc")), Ok(1)),
        ("avatar_url", Some(json!("https://h/abc")), Err("M_INVALID_PARAM")),
        ("org.example.field", Some(json!({"any": ["thing"]})), Ok(1)),
        ("org.example.field", None, Ok(0)),
        ("org.example.field", Some(json!("x".repeat(65_536))), Err("M_PROFILE_TOO_LARGE")),
        (long.as_str(), Some(json!(1)), Err("M_KEY_TOO_LARGE")),
        ("", Some(json!(1)), Err("M_INVALID_PARAM")),
    ] {
        let facts = outcome(&mut alice(), set(field, value)).map(|facts| facts.len());
        assert_eq!(facts, expected.map_err(str::to_owned), "{field}");
    }
    // Null is a value, also when the fact has been read back.
    let mut state = alice();
    for expected in [vec!["profile.field_set"], vec![]] {
        assert_eq!(outcome(&mut state, set("org.example.field", Some(json!(null)))), Ok(expected));
    }
}

#[test]
fn account_data() {
    let set = |event_type: &str, content| SetAccountData {
        user_id: id(),
        room_id: None,
        event_type: event_type.to_owned(),
        content: to_raw_value(&content).unwrap(),
    };
    let people = |count| (0..count).map(|number| (format!("@u{number}:h"), json!({}))).collect::<serde_json::Map<_, _>>();
    let mut state = alice();
    assert_eq!(outcome(&mut state, set("m.direct", json!({"a": 1}))), Ok(vec!["account_data.set"]));
    assert_eq!(outcome(&mut state, set("m.direct", json!({"a": 1}))), Ok(vec![]));
    let most = set("m.ignored_user_list", json!({"ignored_users": people(1_000)}));
    assert_eq!(outcome(&mut state, most), Ok(vec!["account_data.set"]));
    for (event_type, content, expected) in [
        ("m.fully_read", json!({}), "M_BAD_JSON"),
        ("m.push_rules", json!({}), "M_BAD_JSON"),
        ("m.direct", json!([]), "M_BAD_JSON"),
        ("m.direct", json!({"a": "x".repeat(262_144)}), "M_TOO_LARGE"),
        ("m.ignored_user_list", json!({"ignored_users": people(1_001)}), "M_TOO_LARGE"),
        ("", json!({}), "M_INVALID_PARAM"),
    ] {
        assert_eq!(outcome(&mut state, set(event_type, content)), Err(expected.to_owned()), "{event_type}");
    }
}

#[test]
fn tags_change_one_by_one() {
    let tag = |tag: &str, info: Option<serde_json::Value>| SetTag {
        user_id: id(),
        room_id: "!r:h".try_into().unwrap(),
        tag: tag.to_owned(),
        info: info.map(|info| info.as_object().unwrap().clone()),
    };
    let member = Known { membership: Some(MembershipState::Join), ..Known::default() };
    let mut state = alice();
    assert_eq!(outcome(&mut state, tag("u.work", Some(json!({})))), Err("M_FORBIDDEN".to_owned()), "not in the room");
    when_known(&member, &mut state, tag("m.favourite", Some(json!({"order": 0.5})))).unwrap();
    when_known(&member, &mut state, tag("u.work", Some(json!({})))).unwrap();
    let (_, facts) = when_known(&member, &mut state, tag("m.favourite", None)).unwrap();
    let Some(Fact::AccountDataSet(set)) = facts.first() else { panic!("{facts:?}") };
    assert_eq!(set.content.get(), r#"{"tags":{"u.work":{}}}"#);
    assert_eq!(outcome_known(&member, &mut state, tag("m.favourite", None)), Ok(vec![]));
    assert_eq!(outcome_known(&member, &mut state, tag("", Some(json!({})))), Err("M_INVALID_PARAM".to_owned()));
}

#[test]
fn push_rules() {
    let rule = |id: &str| NewPushRule::Content(NewPatternedPushRule::new(id.to_owned(), "word".to_owned(), Vec::new()));
    let insert = |id: &str, before: Option<&str>| PushRuleChange::Insert {
        rule: rule(id),
        after: None,
        before: before.map(str::to_owned),
    };
    let mut state = alice();
    for (change, expected) in [
        (insert("mine", None), Ok(1)),
        (insert("mine", None), Ok(0)),
        (insert(".mine", None), Err("M_INVALID_PARAM")),
        (insert("other", Some("unknown")), Err("M_NOT_FOUND")),
        (PushRuleChange::SetEnabled(RuleKind::Override, ".m.rule.master".to_owned(), true), Ok(1)),
        (PushRuleChange::SetEnabled(RuleKind::Override, "unknown".to_owned(), true), Err("M_NOT_FOUND")),
        (PushRuleChange::SetActions(RuleKind::Content, "mine".to_owned(), vec![Action::Notify]), Ok(1)),
        (PushRuleChange::Remove(RuleKind::Override, ".m.rule.master".to_owned()), Err("M_INVALID_PARAM")),
        (PushRuleChange::Remove(RuleKind::Content, "mine".to_owned()), Ok(1)),
        (PushRuleChange::Remove(RuleKind::Content, "mine".to_owned()), Err("M_NOT_FOUND")),
    ] {
        let told = format!("{change:?}");
        let facts = outcome(&mut state, ChangePushRules { user_id: id(), change }).map(|facts| facts.len());
        assert_eq!(facts, expected.map_err(str::to_owned), "{told}");
    }
}

#[test]
fn receipts_do_not_go_back() {
    let read = |kind, event: &str, fully_read: Option<&str>| MarkRead {
        user_id: id(),
        room_id: "!r:h".try_into().unwrap(),
        receipts: vec![NewReceipt { kind, thread: None, event_id: event.try_into().unwrap() }],
        fully_read: fully_read.map(|id| id.try_into().unwrap()),
    };
    let event =
        |event_id: &str, position| (event_id.try_into().unwrap(), FoundEvent { position, sender: id(), added: None });
    let events = [event("$a", 1), event("$b", 2), event("$c", 3)].into();
    let member = Known { membership: Some(MembershipState::Join), events, ..Known::default() };
    let mut state = alice();
    for (command, expected) in [
        (read(ReceiptKind::Public, "$b", None), vec!["receipt.set"]),
        (read(ReceiptKind::Public, "$b", None), vec![]),
        (read(ReceiptKind::Public, "$a", None), vec![]),
        (read(ReceiptKind::Private, "$a", Some("$a")), vec!["receipt.set", "account_data.set"]),
        (read(ReceiptKind::Public, "$c", Some("$a")), vec!["receipt.set"]),
    ] {
        assert_eq!(outcome_known(&member, &mut state, command), Ok(expected));
    }
    for (known, event, refused) in [(&member, "$unknown", "M_NOT_FOUND"), (&Known::default(), "$a", "M_FORBIDDEN")] {
        let command = read(ReceiptKind::Public, event, None);
        assert_eq!(outcome_known(known, &mut state, command), Err(refused.to_owned()));
        let marker = MarkRead { receipts: Vec::new(), ..read(ReceiptKind::Public, event, Some(event)) };
        assert_eq!(outcome_known(known, &mut state, marker), Err(refused.to_owned()));
    }
}

#[test]
fn equal_filters_have_one_id() {
    let create = |text: &str| CreateFilter { user_id: id(), filter: serde_json::from_str(text).unwrap() };
    let mut state = alice();
    assert_eq!(when(&mut state, create("{}")).unwrap().0, "0");
    assert_eq!(when(&mut state, create(r#"{"room":{}}"#)).unwrap().0, "1");
    assert_eq!(when(&mut state, create("{}")).unwrap().0, "0");
}

#[test]
fn pushers_end_with_their_session() {
    let set = |app_id: &str, pusher: Option<&str>| SetPusher {
        user_id: id(),
        device_id: "A".into(),
        app_id: app_id.to_owned(),
        pushkey: "k".to_owned(),
        pusher: pusher.map(|text| serde_json::from_str(text).unwrap()),
    };
    let mut state = logged_in(&["A"]);
    assert_eq!(outcome(&mut state, set("app", Some("{}"))), Ok(vec!["pusher.set"]));
    assert_eq!(outcome(&mut state, set("app", Some("{}"))), Ok(vec![]));
    assert_eq!(outcome(&mut state, set(&"a".repeat(65), Some("{}"))), Err("M_INVALID_PARAM".to_owned()));
    let reach = |app_id: &str| {
        let (app_id, pushkey) = (app_id.to_owned(), "k".to_owned());
        ReachPusher { user_id: id(), app_id, pushkey, position: 7, unread: 1 }
    };
    assert_eq!(outcome(&mut state, reach("app")), Ok(vec!["pusher.reached"]));
    assert_eq!(outcome(&mut state, reach("other")), Ok(vec![]), "there is no such pusher");
    when(&mut state, CloseSessions { user_id: id(), which: WhichSessions::All }).unwrap();
    assert_eq!(outcome(&mut state, reach("app")), Ok(vec![]), "it is gone with its session");
    assert_eq!(outcome(&mut state, set("app", None)), Ok(vec![]), "nothing is left to remove");
}
