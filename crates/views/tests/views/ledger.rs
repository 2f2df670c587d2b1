//! What admins have done, as everybody reads it; and locks and reset links, which come of it.

use domain::{
    Fact,
    directory::{AccountRegistered, AdminMade, AdminUnmade, By, InviteMade, InviteRevoked, RegistrationTokenHash},
    user::{
        AccountCreated, AccountDeactivated, PasswordSet, TokenHash,
        admin::{AccountLocked, AccountUnlocked, ResetLinkMade},
    },
};
use serde_json::json;
use views::{Audience, accounts, ledger};

use crate::{facts::user, folded::Folded};

fn admin() -> By {
    By::Account(user("alice"))
}

fn link(token: &str) -> Fact {
    Fact::ResetLinkMade(ResetLinkMade { by: admin(), expires_at_ms: 9, token: TokenHash::of(token), user_id: user("bob") })
}

fn locked() -> Fact {
    Fact::AccountLocked(AccountLocked { by: admin(), user_id: user("bob") })
}

fn closed(by: Option<By>) -> Fact {
    Fact::AccountDeactivated(AccountDeactivated { by, erase: true, user_id: user("bob") })
}

fn password_set(by_link: bool) -> Fact {
    Fact::PasswordSet(PasswordSet { by_link, phc: "$argon2id$".to_owned(), user_id: user("bob") })
}

#[test]
fn the_ledger_has_every_act_of_an_admin_and_nothing_else() {
    let made = InviteMade {
        by: By::Operator,
        expires_at_ms: 7,
        id: "invite".to_owned(),
        note: Some("nobody's business".to_owned()),
        token: RegistrationTokenHash::of("t"),
        uses_max: 3,
    };
    let bob = user("bob");
    let folded = Folded::of([
        Fact::AccountRegistered(AccountRegistered { user_id: bob.clone() }),
        Fact::AdminMade(AdminMade { by: By::Operator, user_id: user("alice") }),
        Fact::AccountCreated(AccountCreated { user_id: bob.clone() }),
        Fact::InviteMade(made),
        Fact::InviteRevoked(InviteRevoked { by: admin(), id: "invite".to_owned() }),
        link("secret"),
        password_set(true),
        locked(),
        Fact::AccountUnlocked(AccountUnlocked { by: admin(), user_id: bob.clone() }),
        closed(None),
        closed(Some(admin())),
        Fact::AdminUnmade(AdminUnmade { by: By::Operator, user_id: user("alice") }),
    ]);
    let rows = folded.rows();
    let entries = ledger::entries(&*rows, None, 100).unwrap();
    let shown: Vec<_> = entries.iter().map(|(position, row)| json!([position, row])).collect();
    let entry = |position: u64, by: &str, act: &str, mut rest: serde_json::Value| {
        rest["at_ms"] = json!(1_000 + position);
        rest["by"] = json!(by);
        rest["act"] = json!(act);
        json!([position, rest])
    };
    let (alice, about_bob) = ("@alice:h", || json!({ "user_id": "@bob:h" }));
    let expected = [
        entry(12, "operator", "admin_unmade", json!({ "user_id": alice })),
        entry(11, alice, "account_deactivated", json!({ "erase": true, "user_id": "@bob:h" })),
        entry(9, alice, "account_unlocked", about_bob()),
        entry(8, alice, "account_locked", about_bob()),
        entry(6, alice, "reset_link_made", json!({ "expires_at_ms": 9, "user_id": "@bob:h" })),
        entry(5, alice, "invite_revoked", json!({ "invite_id": "invite" })),
        entry(4, "operator", "invite_made", json!({ "expires_at_ms": 7, "invite_id": "invite", "uses_max": 3 })),
        entry(2, "operator", "admin_made", json!({ "user_id": alice })),
    ];
    assert_eq!(shown, expected);
    // Page by page: each begins before the last entry of the one before.
    let mut paged = Vec::new();
    let mut before = None;
    loop {
        let page = ledger::entries(&*rows, before, 3).unwrap();
        let Some((last, _)) = page.last() else { break };
        before = Some(*last);
        paged.extend(page);
    }
    assert_eq!(paged, entries);
    folded.assert_replay_is_equal();
}

#[test]
fn a_lock_holds_until_it_is_taken_off_and_wakes_whoever_waits() {
    let bob = user("bob");
    let mut folded = Folded::of([Fact::AccountCreated(AccountCreated { user_id: bob.clone() })]);
    let is_locked = |folded: &Folded| accounts::is_locked(&*folded.rows(), &bob).unwrap();
    let unlocked = || Fact::AccountUnlocked(AccountUnlocked { by: admin(), user_id: bob.clone() });
    for (fact, expected) in [
        (unlocked(), false),
        (locked(), true),
        (password_set(true), true),
        (unlocked(), false),
        (locked(), true),
        (closed(None), false),
    ] {
        let kind = fact.encode().unwrap().kind;
        folded.add(fact);
        assert_eq!(is_locked(&folded), expected, "after {kind}");
        assert_eq!(folded.touched().contains(&Audience::Person(bob.clone())), kind == "account.locked", "after {kind}");
    }
    assert!(!accounts::is_locked(&*folded.rows(), &user("alice")).unwrap());
    folded.assert_replay_is_equal();
}

#[test]
fn of_the_links_of_an_account_the_newest_is_kept_until_a_password_is_set() {
    let known = |folded: &Folded, token: &str| accounts::reset_link(&*folded.rows(), TokenHash::of(token)).unwrap();
    let row = accounts::ResetLinkRow { user_id: user("bob"), expires_at_ms: 9 };
    for end in [password_set(true), password_set(false), closed(Some(admin()))] {
        let mut folded = Folded::of([link("one"), link("two")]);
        assert_eq!((known(&folded, "one"), known(&folded, "two")), (None, Some(row.clone())));
        folded.add(end);
        assert_eq!(known(&folded, "two"), None);
        folded.add(link("three"));
        assert_eq!(known(&folded, "three"), Some(row.clone()));
        folded.assert_replay_is_equal();
    }
}

#[test]
fn an_admin_is_one_until_made_none() {
    let alice = user("alice");
    let mut folded = Folded::of([Fact::AdminMade(AdminMade { by: By::Operator, user_id: alice.clone() })]);
    folded.add(Fact::AdminUnmade(AdminUnmade { by: By::Operator, user_id: alice.clone() }));
    assert!(!accounts::is_admin(&*folded.rows(), &alice).unwrap());
    folded.add(Fact::AdminMade(AdminMade { by: By::Operator, user_id: alice.clone() }));
    assert!(accounts::is_admin(&*folded.rows(), &alice).unwrap());
    folded.assert_replay_is_equal();
}
