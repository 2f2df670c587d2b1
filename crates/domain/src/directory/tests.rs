//! Registration and addresses: given facts, when a command, then facts or a refusal.

use ruma::events::{StateEventType, room::member::MembershipState};

use super::{
    AccountRegistered, AddAlias, AddEmail, AliasAdded, DirectoryState, EmailAdded, EmailAddress, EmailVerified, ListRoom,
    MoveAliases, Register, RegistrationToken, RegistrationTokenHash, RemoveAlias, RemoveEmail, RoomListed, SignUpToken,
    VerifyEmail,
};
use crate::{
    Command, Fact,
    lookup::fixture::Known,
    user::{
        NewSession,
        keys::fixture::{code, given, when, when_known},
    },
};

fn email(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

fn taken() -> DirectoryState {
    let user_id = ruma::user_id!("@alice:h").to_owned();
    given([
        Fact::AccountRegistered(AccountRegistered { user_id: user_id.clone() }),
        Fact::EmailAdded(EmailAdded { user_id, email: email("alice@example.org") }),
    ])
}

fn register(username: &str) -> Register {
    Register { username: Some(username.to_owned()), email: None, password_phc: None, session: None, token: None }
}

#[test]
fn names_are_checked_and_unique() {
    for (username, expected) in [
        ("bob", None),
        ("a.b_c=d-e/f+1", None),
        ("alice", Some("M_USER_IN_USE")),
        ("Bob", Some("M_INVALID_USERNAME")),
        ("", Some("M_INVALID_USERNAME")),
        ("b b", Some("M_INVALID_USERNAME")),
        ("b:c", Some("M_INVALID_USERNAME")),
        ("bøb", Some("M_INVALID_USERNAME")),
    ] {
        let refused = when(&mut taken(), register(username)).map(|_| ()).err();
        assert_eq!(refused.as_ref().map(code).as_deref(), expected, "{username:?}");
    }
    let longest = "a".repeat(255 - "@:h".len());
    assert!(when(&mut taken(), register(&longest)).is_ok());
    assert!(when(&mut taken(), register(&format!("{longest}a"))).is_err());
}

#[test]
fn a_registration_token_is_used_as_often_as_it_may_be() {
    let hash = RegistrationTokenHash::of("hearth-for-two-people");
    let token = Some(SignUpToken::Configured(RegistrationToken { hash, uses_max: Some(2), expires_at_ms: None }));
    let mut state = taken();
    for (name, expected) in [
        ("bob", Ok(true)),
        // Taken: no use of the token.
        ("bob", Err("M_USER_IN_USE")),
        ("carol", Ok(true)),
        ("dave", Err("M_FORBIDDEN")),
        // Before anything is said of the name.
        ("alice", Err("M_FORBIDDEN")),
    ] {
        let decided = when(&mut state, Register { token, ..register(name) });
        let is_used = decided.map(|(_, facts)| facts.iter().any(|fact| matches!(fact, Fact::RegistrationTokenUsed(_))));
        assert_eq!(is_used.as_ref().map_err(code), expected.as_ref().map_err(|code| (*code).to_owned()), "{name}");
    }
    assert_eq!(state.tokens.of(hash), 2);
}

#[test]
fn a_registration_token_ends_in_a_moment() {
    let hash = RegistrationTokenHash::of("hearth-for-two-people");
    for (uses_max, expires_at_ms, uses, now_ms, expected) in [
        (None, None, u32::MAX, u64::MAX, true),
        (Some(1), None, 0, 0, true),
        (Some(1), None, 1, 0, false),
        (None, Some(10), 0, 9, true),
        (None, Some(10), 0, 10, false),
    ] {
        assert_eq!(RegistrationToken { hash, uses_max, expires_at_ms }.counts(uses, now_ms), expected);
    }
    assert_eq!(format!("{hash:?}"), "RegistrationTokenHash(…)");
}

#[test]
fn one_registration_makes_the_account_its_password_and_its_session() {
    let command = Register {
        email: Some(email("Bob@Example.org")),
        password_phc: Some("$argon2id$".to_owned()),
        session: Some(NewSession { device_id: Some("D".into()), ..NewSession::default() }),
        ..register("bob")
    };
    let (reply, facts) = when(&mut taken(), command).unwrap();
    let kinds: Vec<_> = facts.iter().map(|fact| fact.encode().unwrap().kind).collect();
    assert_eq!(
        kinds,
        [
            "account.registered",
            "account.email_added",
            "account.created",
            "account.password_set",
            "profile.field_set",
            "session.opened",
            "session.credentials_set"
        ]
    );
    let session = reply.session.unwrap();
    assert!(session.access_token.starts_with("hearth_"));
    let payloads: Vec<_> = facts.iter().flat_map(|fact| fact.encode().unwrap().payload).collect();
    let is_written = payloads.windows(session.access_token.len()).any(|part| part == session.access_token.as_bytes());
    assert!(!is_written, "the token itself is never written");
}

#[test]
fn a_name_is_made_up_when_there_is_none() {
    let (reply, _) = when(&mut taken(), Register { username: None, ..register("") }).unwrap();
    assert_eq!(reply.user_id.localpart().len(), 12);
}

#[test]
fn addresses_belong_to_one_account() {
    let add = |user: &str, address: &str| AddEmail { user_id: user.try_into().unwrap(), email: email(address) };
    for (command, expected) in [
        (add("@alice:h", "alice@example.org"), Ok(0)),
        (add("@alice:h", "new@example.org"), Ok(1)),
        (add("@bob:h", "alice@example.org"), Err("M_THREEPID_IN_USE")),
        (add("@nobody:h", "nobody@example.org"), Err("M_NOT_FOUND")),
    ] {
        let outcome = when(&mut taken(), command).map(|(_, facts)| facts.len());
        assert_eq!(outcome.as_ref().map_err(code), expected.as_ref().map_err(|e| (*e).to_owned()));
    }
    let taken_by_registration = Register { email: Some(email("alice@example.org")), ..register("bob") };
    assert_eq!(code(&when(&mut taken(), taken_by_registration).unwrap_err()), "M_THREEPID_IN_USE");
}

#[test]
fn removed_addresses_are_free_again() {
    let mut state = taken();
    let user_id = ruma::user_id!("@alice:h").to_owned();
    let (_, facts) = when(&mut state, RemoveEmail { user_id: user_id.clone(), email: None }).unwrap();
    assert_eq!(facts.len(), 1);
    assert_eq!(when(&mut state, RemoveEmail { user_id, email: None }).unwrap().1.len(), 0);
    let again = Register { email: Some(email("alice@example.org")), ..register("bob") };
    assert!(when(&mut state, again).is_ok());
}

fn room(name: &str) -> ruma::OwnedRoomId {
    format!("!{name}:h").try_into().unwrap()
}

fn user(name: &str) -> ruma::OwnedUserId {
    format!("@{name}:h").try_into().unwrap()
}

/// Alice's room `old` has the address `#tea:h` and is listed.
fn named() -> DirectoryState {
    let alias = AliasAdded { alias: "#tea:h".try_into().unwrap(), creator: user("alice"), room_id: room("old") };
    given([Fact::AliasAdded(alias), Fact::RoomListed(RoomListed { is_listed: true, room_id: room("old") })])
}

fn refusal<C: Command<On = DirectoryState>>(known: &Known, command: C) -> Option<String> {
    when_known(known, &mut named(), command).err().as_ref().map(code)
}

#[test]
fn who_may_name_a_room_is_asked_of_the_room() {
    let stranger = Known::default();
    let member = Known { membership: Some(MembershipState::Join), ..Known::default() };
    let create = [((room("old"), StateEventType::RoomCreate), Default::default())];
    let powerful = Known { may_set: true, state: create.clone().into(), ..member.clone() };
    let powerless = Known { state: create.into(), ..member.clone() };
    let add = || AddAlias { sender: user("bob"), alias: "#milk:h".try_into().unwrap(), room_id: room("old") };
    let remove = |name| RemoveAlias { sender: user(name), alias: "#tea:h".try_into().unwrap() };
    let list = || ListRoom { sender: user("bob"), room_id: room("old"), is_listed: false };
    let forbidden = Some("M_FORBIDDEN".to_owned());
    assert_eq!(refusal(&stranger, add()), forbidden);
    assert_eq!(refusal(&member, add()), None);
    assert_eq!(refusal(&powerless, remove("bob")), forbidden);
    assert_eq!(refusal(&powerless, remove("alice")), None, "who gave it may take it away");
    assert_eq!(refusal(&powerful, remove("bob")), None);
    assert_eq!(refusal(&stranger, list()), Some("M_NOT_FOUND".to_owned()));
    assert_eq!(refusal(&powerless, list()), forbidden);
    assert_eq!(refusal(&powerful, list()), None);
}

#[test]
fn addresses_move_only_to_the_room_that_replaces_theirs() {
    let says = |room_id, event_type, content: serde_json::Value| {
        ((room(room_id), event_type), serde_json::from_value(content).unwrap())
    };
    let tombstone =
        |to: &str| says("old", StateEventType::RoomTombstone, serde_json::json!({ "replacement_room": room(to) }));
    let create = |from: &str| {
        says("new", StateEventType::RoomCreate, serde_json::json!({ "predecessor": { "room_id": room(from) } }))
    };
    let command = || MoveAliases { from: room("old"), to: room("new") };
    for (state, allowed) in [
        (vec![tombstone("new"), create("old")], true),
        (vec![tombstone("new"), create("other")], false),
        (vec![tombstone("other"), create("old")], false),
        (vec![tombstone("new")], false),
        (vec![create("old")], false),
    ] {
        let known = Known { state: state.into_iter().collect(), ..Known::default() };
        assert_eq!(refusal(&known, command()).is_none(), allowed, "{:?}", known.state);
    }
}

#[test]
fn an_address_is_verified_for_its_account_until_it_is_another_s() {
    let registered = |user: &str| Fact::AccountRegistered(AccountRegistered { user_id: user.try_into().unwrap() });
    let mut state: DirectoryState = given([registered("@alice:h"), registered("@bob:h")]);
    let verify = |user: &str| VerifyEmail { user_id: user.try_into().unwrap(), email: email("a@h") };
    assert_eq!(code(&when(&mut state, verify("@alice:h")).unwrap_err()), "M_NOT_FOUND", "it has no such address");
    let add = |user: &str| AddEmail { user_id: user.try_into().unwrap(), email: email("a@h") };
    when(&mut state, add("@alice:h")).unwrap();
    assert_eq!(code(&when(&mut state, verify("@bob:h")).unwrap_err()), "M_NOT_FOUND", "it is somebody else's");
    for facts in [1, 0] {
        assert_eq!(when(&mut state, verify("@alice:h")).unwrap().1.len(), facts);
    }
    when(&mut state, RemoveEmail { user_id: "@alice:h".try_into().unwrap(), email: None }).unwrap();
    when(&mut state, add("@bob:h")).unwrap();
    assert!(!state.names.is_verified(&email("a@h")), "whoever has it now has not said so");

    // The same where that it was given up is forgotten, because Alice was erased.
    let added = |user: &str| Fact::EmailAdded(EmailAdded { user_id: user.try_into().unwrap(), email: email("a@h") });
    let verified = EmailVerified { user_id: "@alice:h".try_into().unwrap(), email: email("a@h") };
    let state: DirectoryState = given([added("@alice:h"), Fact::EmailVerified(verified), added("@bob:h")]);
    assert!(!state.names.is_verified(&email("a@h")));
}
