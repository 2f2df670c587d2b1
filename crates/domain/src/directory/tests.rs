//! Registration and addresses: given facts, when a command, then facts or a refusal.

use super::{AccountRegistered, AddEmail, DirectoryState, EmailAdded, EmailAddress, Register, RemoveEmail};
use crate::{
    Fact,
    user::{
        NewSession,
        keys::fixture::{code, given, when},
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
    Register { username: Some(username.to_owned()), email: None, password_phc: None, session: None }
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
