//! What admins do to accounts: given facts, when a command, then facts or a refusal.

use ruma::{OwnedUserId, user_id};

use super::{DeactivateByAdmin, MakeResetLink, RESET_TIME_MS, ResetBy, ResetPassword, SetLocked};
use crate::{
    Aggregate as _, Command, Fact,
    directory::By,
    lookup::fixture::Known,
    user::{
        AccountCreated, Deactivate, NewSession, OpenSession, RefreshSession, RefreshToken, SetPassword, TokenHash,
        UserState,
        erasure::PayloadsErased,
        keys::fixture::{code, given, when_at},
    },
};

const NOW_MS: u64 = 1_000;

fn bob() -> OwnedUserId {
    user_id!("@bob:h").to_owned()
}

fn account(name: &str) -> By {
    By::Account(format!("@{name}:h").try_into().unwrap())
}

/// Alice is an admin.
fn known() -> Known {
    Known { admins: [user_id!("@alice:h").to_owned()].into(), ..Known::default() }
}

fn open(device: &str) -> OpenSession {
    let session = NewSession { device_id: Some(device.into()), display_name: None, lifetime_ms: Some(1_000) };
    OpenSession { user_id: bob(), session }
}

/// Bob's lane, with two sessions, and the refresh token of the second.
fn house() -> (UserState, String) {
    let mut state = given([Fact::AccountCreated(AccountCreated { user_id: bob() })]);
    does(&mut state, open("A")).unwrap();
    let opened = does(&mut state, open("B")).unwrap().0;
    (state, opened.refresh_token.unwrap())
}

fn at<C: Command<On = UserState>>(now_ms: u64, state: &mut UserState, command: C) -> Result<(C::Reply, Vec<Fact>), String> {
    when_at(&known(), now_ms, state, command).map_err(|refused| code(&refused))
}

fn does<C: Command<On = UserState>>(state: &mut UserState, command: C) -> Result<(C::Reply, Vec<Fact>), String> {
    at(NOW_MS, state, command)
}

/// The kinds of facts that a command leads to, or the error code.
fn outcome<C: Command<On = UserState>>(state: &mut UserState, command: C) -> Result<Vec<&'static str>, String> {
    let (_, facts) = does(state, command)?;
    Ok(facts.iter().map(|fact| fact.encode().unwrap().kind).collect())
}

fn lock(by: By, locked: bool) -> SetLocked {
    SetLocked { by, user_id: bob(), locked }
}

fn close(by: By) -> DeactivateByAdmin {
    DeactivateByAdmin { by, user_id: bob(), erase: true }
}

fn link(state: &mut UserState) -> String {
    does(state, MakeResetLink { by: By::Operator, user_id: bob() }).unwrap().0.token
}

fn reset(token: &str, logout_devices: bool) -> ResetPassword {
    ResetPassword { user_id: bob(), by: ResetBy::Link(TokenHash::of(token)), phc: "$new".to_owned(), logout_devices }
}

#[test]
fn only_admins_and_the_operator_act_and_every_act_says_who() {
    for (by, is_admin) in [(By::Operator, true), (account("alice"), true), (account("bob"), false), (account("x"), false)] {
        let refused = || (!is_admin).then(|| "M_FORBIDDEN".to_owned());
        let mut state = house().0;
        let link = does(&mut state, MakeResetLink { by: by.clone(), user_id: bob() });
        assert_eq!(link.as_ref().err().cloned(), refused(), "{by:?}");
        let locked = does(&mut state, lock(by.clone(), true));
        assert_eq!(locked.as_ref().err().cloned(), refused(), "{by:?}");
        let unlocked = does(&mut state, lock(by.clone(), false));
        assert_eq!(unlocked.as_ref().err().cloned(), refused(), "{by:?}");
        let closed = does(&mut state, close(by.clone()));
        assert_eq!(closed.as_ref().err().cloned(), refused(), "{by:?}");
        let done =
            [link.map(|done| done.1), locked.map(|done| done.1), unlocked.map(|done| done.1), closed.map(|done| done.1)];
        for fact in done.into_iter().flatten().flatten() {
            match fact {
                Fact::ResetLinkMade(fact) => assert_eq!(fact.by, by),
                Fact::AccountLocked(fact) => assert_eq!(fact.by, by),
                Fact::AccountUnlocked(fact) => assert_eq!(fact.by, by),
                Fact::AccountDeactivated(fact) => assert_eq!((fact.by, fact.erase), (Some(by.clone()), true)),
                Fact::SessionClosed(_) => {}
                other => panic!("{other:?}"),
            }
        }
    }
}

#[test]
fn a_locked_account_keeps_its_sessions_and_opens_none() {
    let (mut state, refresh_token) = house();
    let refresh = || RefreshSession { user_id: bob(), refresh_token: RefreshToken::of(&refresh_token), lifetime_ms: 1_000 };
    assert_eq!(outcome(&mut state, lock(By::Operator, true)), Ok(vec!["account.locked"]));
    assert_eq!(outcome(&mut state, lock(By::Operator, true)), Ok(vec![]), "twice is once");
    assert_eq!(outcome(&mut state, open("C")), Err("M_USER_LOCKED".to_owned()));
    assert_eq!(outcome(&mut state, open("A")), Err("M_USER_LOCKED".to_owned()));
    assert_eq!(outcome(&mut state, refresh()), Err("M_USER_LOCKED".to_owned()));
    assert_eq!(state.devices.len(), 2);
    assert_eq!(outcome(&mut state, lock(By::Operator, false)), Ok(vec!["account.unlocked"]));
    assert_eq!(outcome(&mut state, lock(By::Operator, false)), Ok(vec![]));
    assert_eq!(outcome(&mut state, refresh()), Ok(vec!["session.credentials_set"]), "the token was not spent");
}

#[test]
fn admins_are_made_none_before_anything_is_done_to_them() {
    let mut state = house().0;
    let known = Known { admins: [bob()].into(), ..Known::default() };
    for (expected, refused) in [
        (Some("M_FORBIDDEN"), when_at(&known, NOW_MS, &mut state, lock(By::Operator, true)).err()),
        (Some("M_FORBIDDEN"), when_at(&known, NOW_MS, &mut state, close(By::Operator)).err()),
        (None, when_at(&known, NOW_MS, &mut state, MakeResetLink { by: By::Operator, user_id: bob() }).err()),
        // Who has become one since.
        (None, when_at(&known, NOW_MS, &mut state, lock(By::Operator, false)).err()),
        (None, when_at(&known, NOW_MS, &mut state, Deactivate { user_id: bob(), erase: false }).err()),
    ] {
        assert_eq!(refused.as_ref().map(code).as_deref(), expected);
    }
}

#[test]
fn nobody_and_the_deactivated_are_left_as_they_are() {
    let mut closed = house().0;
    let link_before = link(&mut closed);
    does(&mut closed, lock(By::Operator, true)).unwrap();
    let facts = vec!["session.closed", "session.closed", "account.deactivated"];
    assert_eq!(outcome(&mut closed, close(By::Operator)), Ok(facts), "a lock does not keep anybody from it");
    // It is closed to be erased, and as long as that is not done it can be asked for again.
    assert_eq!(outcome(&mut closed, close(By::Operator)), Ok(vec!["account.deactivated"]));
    let only_close = DeactivateByAdmin { erase: false, ..close(By::Operator) };
    assert_eq!(outcome(&mut closed, only_close), Ok(vec![]));
    closed.evolve(&Fact::AccountErased(PayloadsErased { is_last: true, positions: vec![], user_id: bob() }));
    assert_eq!(outcome(&mut closed, close(By::Operator)), Ok(vec![]));
    assert_eq!(outcome(&mut closed, reset(&link_before, true)), Err("M_FORBIDDEN".to_owned()));
    for (mut state, refused) in [(closed, "M_USER_DEACTIVATED"), (UserState::default(), "M_NOT_FOUND")] {
        let refused = Err(refused.to_owned());
        assert_eq!(outcome(&mut state, MakeResetLink { by: By::Operator, user_id: bob() }), refused);
        assert_eq!(outcome(&mut state, lock(By::Operator, true)), refused);
    }
    assert_eq!(outcome(&mut UserState::default(), close(By::Operator)), Err("M_NOT_FOUND".to_owned()));
}

#[test]
fn a_link_counts_once_for_a_day_and_until_there_is_a_newer_one_or_another_password() {
    let set = || SetPassword { user_id: bob(), phc: "$own".to_owned(), keep_only: None };
    // What happens to the link, when it is used, and whether it counts then.
    type Before = fn(&mut UserState);
    let nothing: Before = |_| {};
    for (what, before, now_ms, counts) in [
        ("at once", nothing, NOW_MS, true),
        ("at its end", nothing, NOW_MS + RESET_TIME_MS - 1, true),
        ("too late", nothing, NOW_MS + RESET_TIME_MS, false),
        ("after a newer one", |state| drop(link(state)), NOW_MS, false),
        ("locked", |state| drop(does(state, lock(By::Operator, true)).unwrap()), NOW_MS, true),
    ] {
        let mut state = house().0;
        let token = link(&mut state);
        before(&mut state);
        assert_eq!(at(now_ms, &mut state, reset("another", true)).err().as_deref(), Some("M_FORBIDDEN"), "{what}");
        let outcome = at(now_ms, &mut state, reset(&token, true)).map(|(ended, _)| ended);
        assert_eq!(outcome, if counts { Ok(2) } else { Err("M_FORBIDDEN".to_owned()) }, "{what}");
        assert_eq!(at(now_ms, &mut state, reset(&token, true)).err().as_deref(), Some("M_FORBIDDEN"), "{what}: twice");
    }
    let mut state = house().0;
    let token = link(&mut state);
    does(&mut state, set()).unwrap();
    assert_eq!(outcome(&mut state, reset(&token, false)), Err("M_FORBIDDEN".to_owned()), "it was remembered meanwhile");
}

#[test]
fn a_reset_changes_the_password_and_the_sessions_and_nothing_else() {
    for (logout_devices, kinds) in
        [(true, vec!["account.password_set", "session.closed", "session.closed"]), (false, vec!["account.password_set"])]
    {
        let mut state = house().0;
        let token = link(&mut state);
        let (_, facts) = does(&mut state, reset(&token, logout_devices)).unwrap();
        let Some(Fact::PasswordSet(set)) = facts.first() else { panic!("{facts:?}") };
        assert_eq!((set.by_link, set.phc.as_str()), (true, "$new"));
        assert_eq!(facts.iter().map(|fact| fact.encode().unwrap().kind).collect::<Vec<_>>(), kinds);
    }
}

#[test]
fn a_link_sent_by_email_counts_as_long_as_the_password_is_that_of_then() {
    let old = Some(TokenHash::of("$old"));
    let sent =
        |password| ResetPassword { by: ResetBy::Email { password, expires_at_ms: NOW_MS + 10 }, ..reset("no token", false) };
    let mut state = house().0;
    does(&mut state, SetPassword { user_id: bob(), phc: "$old".to_owned(), keep_only: None }).unwrap();
    for (what, password, now_ms) in [
        ("of another password", Some(TokenHash::of("$other")), NOW_MS),
        ("of none", None, NOW_MS),
        ("late", old, NOW_MS + 10),
    ] {
        assert_eq!(at(now_ms, &mut state, sent(password)).err().as_deref(), Some("M_FORBIDDEN"), "{what}");
    }
    let by_admin = link(&mut state);
    assert_eq!(outcome(&mut state, sent(old)), Ok(vec!["account.password_set"]));
    for again in [sent(old), reset(&by_admin, false)] {
        assert_eq!(outcome(&mut state, again), Err("M_FORBIDDEN".to_owned()), "one new password ends all links");
    }
    does(&mut state, close(By::Operator)).unwrap();
    assert_eq!(
        outcome(&mut state, sent(Some(TokenHash::of("$new")))),
        Err("M_FORBIDDEN".to_owned()),
        "the account is closed"
    );
}
