//! Accounts, sessions, devices, addresses, profiles, and finding people.

use domain::{
    Fact,
    directory::{EmailAdded, EmailAddress, EmailRemoved},
    user::{
        AccountCreated, AccountDeactivated, CredentialsSet, CredentialsUsed, DeviceRenamed, PasswordSet, ProfileFieldSet,
        RefreshToken, SessionClosed, SessionOpened, TokenHash,
    },
};
use ruma::{OwnedUserId, UserId, device_id, user_id};
use serde_json::json;
use views::accounts;

use crate::folded::Folded;

fn id(name: &str) -> OwnedUserId {
    UserId::parse(format!("@{name}:h")).unwrap()
}

fn created(name: &str) -> Fact {
    Fact::AccountCreated(AccountCreated { user_id: id(name) })
}

fn named(name: &str, field: &str, value: Option<&str>) -> Fact {
    let value = value.map(|value| json!(value));
    Fact::ProfileFieldSet(ProfileFieldSet { user_id: id(name), field: field.to_owned(), value })
}

fn opened(device: &str) -> Fact {
    let device_id = device.into();
    Fact::SessionOpened(SessionOpened { user_id: id("alice"), device_id, display_name: Some("Phone".to_owned()) })
}

fn credentials(device: &str, access: &str, refresh: Option<&str>, refreshed: Option<&str>) -> Fact {
    Fact::CredentialsSet(CredentialsSet {
        user_id: id("alice"),
        device_id: device.into(),
        access_token: TokenHash::of(access),
        expires_at_ms: refresh.map(|_| 9),
        family: refresh.and_then(|refresh| RefreshToken::of(refresh).family_hash()),
        refresh_token: refresh.map(TokenHash::of),
        refreshed: refreshed.map(TokenHash::of),
    })
}

fn used(device: &str, access: &str) -> Fact {
    let access_token = TokenHash::of(access);
    Fact::CredentialsUsed(CredentialsUsed { access_token, device_id: device.into(), user_id: id("alice") })
}

fn closed(device: &str) -> Fact {
    Fact::SessionClosed(SessionClosed { user_id: id("alice"), device_id: device.into() })
}

/// The device that an access token speaks for, and whose refresh token it is.
fn speaks(folded: &Folded, token: &str) -> (Option<String>, bool) {
    let rows = folded.rows();
    let session = accounts::session_by_token_hash(&*rows, &TokenHash::of(token).0).unwrap();
    let refresh = accounts::user_by_refresh_token(&*rows, &RefreshToken::of(token)).unwrap();
    (session.map(|session| session.device_id.to_string()), refresh.is_some())
}

#[test]
fn tokens_speak_for_a_session_until_it_is_refreshed_or_closed() {
    let mut folded = Folded::of([created("alice"), opened("A"), credentials("A", "a1", Some("r1"), None)]);
    assert_eq!(speaks(&folded, "a1"), (Some("A".to_owned()), false));
    assert_eq!(speaks(&folded, "r1"), (None, true));
    folded.add(credentials("A", "a2", Some("r2"), Some("r1")));
    for (token, expected) in
        [("a1", (None, false)), ("a2", (Some("A".to_owned()), false)), ("r1", (None, true)), ("r2", (None, true))]
    {
        assert_eq!(speaks(&folded, token), expected, "{token}");
    }
    folded.add(credentials("A", "a3", Some("r3"), Some("r2")));
    assert_eq!(speaks(&folded, "r1"), (None, false), "its successor was used");
    folded.add(closed("A"));
    for token in ["a1", "a2", "a3", "r1", "r2", "r3"] {
        assert_eq!(speaks(&folded, token), (None, false), "{token} after logging out");
    }
    assert!(accounts::devices(&*folded.rows(), user_id!("@alice:h")).unwrap().is_empty());
    folded.assert_replay_is_equal();
}

#[test]
fn tokens_before_a_refresh_speak_until_the_new_ones_are_used() {
    let mut folded = Folded::of([created("alice"), opened("A"), credentials("A", "a1", Some("f.1"), None)]);
    folded.add(credentials("A", "a2", Some("f.2"), Some("f.1")));
    folded.add(credentials("A", "a3", Some("f.3"), Some("f.1")));
    let is_unused = |folded: &Folded, token: &str| {
        let row = accounts::session_by_token_hash(&*folded.rows(), &TokenHash::of(token).0).unwrap();
        row.map(|row| row.is_unused)
    };
    let all = |folded: &Folded| ["a1", "a2", "a3"].map(|token| is_unused(folded, token));
    assert_eq!(all(&folded), [Some(false), Some(true), Some(true)]);
    folded.add(used("A", "a2"));
    assert_eq!(all(&folded), [None, Some(false), None]);
    assert!(speaks(&folded, "f.1").1, "whose it was is known for as long as the session is there");
    folded.add(used("A", "a1"));
    folded.add(used("X", "a1"));
    assert_eq!(all(&folded), [None, Some(false), None], "what does not count cannot be used");
    folded.add(credentials("A", "a4", Some("f.4"), Some("f.2")));
    folded.add(credentials("A", "a5", Some("f.5"), Some("f.4")));
    assert_eq!((is_unused(&folded, "a2"), is_unused(&folded, "a4")), (None, Some(false)), "its refresh token was used");
    folded.add(closed("A"));
    for token in ["a4", "a5", "f.1", "f.4", "f.5"] {
        assert_eq!(speaks(&folded, token), (None, false), "{token} after logging out");
    }
    folded.assert_replay_is_equal();
}

#[test]
fn devices_have_names() {
    let renamed = DeviceRenamed { user_id: id("alice"), device_id: "A".into(), display_name: None };
    let folded = Folded::of([created("alice"), opened("A"), opened("B"), Fact::DeviceRenamed(renamed)]);
    let rows = folded.rows();
    let names: Vec<_> =
        accounts::devices(&*rows, user_id!("@alice:h")).unwrap().into_iter().map(|row| row.display_name).collect();
    assert_eq!(names, [None, Some("Phone".to_owned())]);
    assert!(accounts::device(&*rows, user_id!("@alice:h"), device_id!("X")).unwrap().is_none());
}

#[test]
fn addresses() {
    let email = EmailAddress::parse("alice@example.org").unwrap();
    let mut folded =
        Folded::of([created("alice"), Fact::EmailAdded(EmailAdded { user_id: id("alice"), email: email.clone() })]);
    let owner = |folded: &Folded| accounts::user_by_email(&*folded.rows(), &email).unwrap();
    assert_eq!(owner(&folded), Some(id("alice")));
    assert_eq!(accounts::emails(&*folded.rows(), user_id!("@alice:h")).unwrap().len(), 1);
    folded.add(Fact::EmailRemoved(EmailRemoved { user_id: id("alice"), email: email.clone() }));
    assert_eq!(owner(&folded), None);
    folded.assert_replay_is_equal();
}

#[test]
fn people_are_found_by_the_beginnings_of_their_words() {
    let folded = Folded::of([
        created("alice"),
        created("alicia"),
        created("bob.smith"),
        created("zoe"),
        created("gone"),
        named("alice", "displayname", Some("Alice Wonder")),
        named("bob.smith", "displayname", Some("Old Name")),
        named("bob.smith", "displayname", Some("Älice Müller")),
        Fact::AccountDeactivated(AccountDeactivated { by: None, user_id: id("gone"), erase: false }),
    ]);
    let rows = folded.rows();
    for (term, expected) in [
        ("alic", vec!["alice", "alicia"]),
        ("@alicia:h", vec!["alicia"]),
        ("ALICE", vec!["alice"]),
        ("wonder", vec!["alice"]),
        ("ali won", vec!["alice"]),
        ("ali mull", vec![]),
        ("müll", vec!["bob.smith"]),
        ("smi", vec!["bob.smith"]),
        ("bob.s", vec!["bob.smith"]),
        ("old", vec![]),
        ("gone", vec![]),
        ("", vec![]),
        ("  ", vec![]),
        ("%", vec![]),
    ] {
        let (found, limited) = accounts::search_users(&*rows, term, 10, &|_| Ok(true)).unwrap();
        let names: Vec<_> = found.iter().map(|user| user.user_id.localpart()).collect();
        assert_eq!((names, limited), (expected, false), "{term:?}");
    }
    let (found, limited) = accounts::search_users(&*rows, "a", 1, &|_| Ok(true)).unwrap();
    assert_eq!((found.len(), limited), (1, true));
    let only_alicia = |user: &UserId| Ok(user.localpart() == "alicia");
    assert_eq!(accounts::search_users(&*rows, "ali", 10, &only_alicia).unwrap().0.len(), 1);
    folded.assert_replay_is_equal();
}

#[test]
fn deactivation_forgets_what_it_is_to_forget() {
    let password = PasswordSet { by_link: false, user_id: id("alice"), phc: "$argon2id$".to_owned() };
    let before = || [created("alice"), Fact::PasswordSet(password.clone()), named("alice", "displayname", Some("Alice"))];
    for (erase, fields) in [(false, 1), (true, 0)] {
        let mut folded = Folded::of(before());
        assert!(accounts::password_phc(&*folded.rows(), user_id!("@alice:h")).unwrap().is_some());
        folded.add(Fact::AccountDeactivated(AccountDeactivated { by: None, user_id: id("alice"), erase }));
        let rows = folded.rows();
        assert!(accounts::password_phc(&*rows, user_id!("@alice:h")).unwrap().is_none());
        assert!(accounts::account(&*rows, user_id!("@alice:h")).unwrap().unwrap().is_deactivated);
        assert_eq!(accounts::profile(&*rows, user_id!("@alice:h")).unwrap().len(), fields);
        folded.assert_replay_is_equal();
    }
}
