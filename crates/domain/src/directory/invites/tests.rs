//! Invites and admins: given facts, when a command, then facts or a refusal.

use ruma::{OwnedUserId, user_id};

use super::{
    super::{
        AccountRegistered, AdminMade, By, DirectoryState, MakeAdmin, Register, RegistrationTokenHash, RetireAdmin,
        SignUpToken, UnmakeAdmin,
    },
    INVITE_NOTE_BYTES_MAX, INVITE_TIME_MS_MAX, INVITE_USES_MAX, INVITES_KEPT_MAX, MakeInvite, RevokeInvite,
};
use crate::{
    Command, Fact,
    lookup::fixture::Known,
    user::keys::fixture::{code, given, when, when_at},
};

fn account(name: &str) -> By {
    By::Account(format!("@{name}:h").try_into().unwrap())
}

/// Alice is an admin, and Bob is none.
fn house() -> DirectoryState {
    let alice: OwnedUserId = user_id!("@alice:h").to_owned();
    given([
        Fact::AccountRegistered(AccountRegistered { user_id: alice.clone() }),
        Fact::AccountRegistered(AccountRegistered { user_id: user_id!("@bob:h").to_owned() }),
        Fact::AdminMade(AdminMade { by: By::Operator, user_id: alice }),
    ])
}

fn make(by: By) -> MakeInvite {
    MakeInvite { by, uses_max: 1, expires_after_ms: 1_000, note: None }
}

fn register(username: &str, token: SignUpToken) -> Register {
    Register { username: Some(username.to_owned()), email: None, password_phc: None, session: None, token: Some(token) }
}

fn refusal<C: Command<On = DirectoryState>>(state: &mut DirectoryState, command: C) -> Option<String> {
    when(state, command).err().as_ref().map(code)
}

fn invite_of(token: &str) -> SignUpToken {
    SignUpToken::Invite(RegistrationTokenHash::of(token))
}

#[test]
fn only_admins_and_the_operator_act() {
    let forbidden = Some("M_FORBIDDEN".to_owned());
    for (by, refused) in
        [(By::Operator, None), (account("alice"), None), (account("bob"), forbidden.clone()), (account("x"), forbidden)]
    {
        let mut state = house();
        let (made, _) = when(&mut state, make(By::Operator)).unwrap();
        assert_eq!(refusal(&mut state, make(by.clone())), refused, "{by:?}");
        let make_admin = MakeAdmin { by: by.clone(), user_id: user_id!("@bob:h").to_owned() };
        assert_eq!(refusal(&mut state.clone(), make_admin), refused, "{by:?}");
        assert_eq!(refusal(&mut state, RevokeInvite { by: by.clone(), id: made.id }), refused, "{by:?}");
    }
}

#[test]
fn every_act_says_who_did_it() {
    let mut state = house();
    let (made, facts) =
        when(&mut state, MakeInvite { note: Some("für Carol".to_owned()), ..make(account("alice")) }).unwrap();
    let [Fact::InviteMade(fact)] = &facts[..] else { panic!("{facts:?}") };
    assert_eq!((&fact.by, fact.note.as_deref(), fact.expires_at_ms), (&account("alice"), Some("für Carol"), 2_000));
    assert_eq!(fact.token, RegistrationTokenHash::of(&made.token));
    let (_, facts) = when(&mut state, RevokeInvite { by: By::Operator, id: made.id.clone() }).unwrap();
    assert!(matches!(&facts[..], [Fact::InviteRevoked(fact)] if fact.by == By::Operator && fact.id == made.id));
    let bob = || MakeAdmin { by: account("alice"), user_id: user_id!("@bob:h").to_owned() };
    let (_, facts) = when(&mut state, bob()).unwrap();
    assert!(matches!(&facts[..], [Fact::AdminMade(fact)] if fact.by == account("alice")));
    assert!(when(&mut state, bob()).unwrap().1.is_empty(), "twice is once");
    let nobody = MakeAdmin { by: By::Operator, user_id: user_id!("@nobody:h").to_owned() };
    assert_eq!(refusal(&mut state, nobody).as_deref(), Some("M_NOT_FOUND"));
}

#[test]
fn an_invite_counts_until_it_is_used_up_expired_or_revoked() {
    let known = Known::default();
    let mut state = house();
    let two = MakeInvite { uses_max: 2, ..make(By::Operator) };
    let (made, _) = when_at(&known, 1_000, &mut state, two).unwrap();
    for (name, at_ms, expected) in [
        ("c", 1_000, None),
        // Nothing comes of it, so that it is no use.
        ("c", 1_000, Some("M_USER_IN_USE")),
        ("late", 2_000, Some("M_FORBIDDEN")),
        ("d", 1_999, None),
        // Before anything is said of the name.
        ("alice", 1_999, Some("M_FORBIDDEN")),
    ] {
        let decided = when_at(&known, at_ms, &mut state, register(name, invite_of(&made.token)));
        assert_eq!(decided.err().as_ref().map(code).as_deref(), expected, "{name} at {at_ms}");
    }
    let (made, _) = when(&mut state, make(By::Operator)).unwrap();
    when(&mut state, RevokeInvite { by: By::Operator, id: made.id.clone() }).unwrap();
    assert_eq!(refusal(&mut state, register("e", invite_of(&made.token))).as_deref(), Some("M_FORBIDDEN"));
    let again = RevokeInvite { by: By::Operator, id: made.id };
    assert_eq!(refusal(&mut state, again).as_deref(), Some("M_NOT_FOUND"));
    assert_eq!(refusal(&mut state, register("e", invite_of("of nobody"))).as_deref(), Some("M_FORBIDDEN"));
}

#[test]
fn invites_are_bounded() {
    for (wanted, is_accepted) in [
        (MakeInvite { uses_max: 0, ..make(By::Operator) }, false),
        (MakeInvite { uses_max: INVITE_USES_MAX, ..make(By::Operator) }, true),
        (MakeInvite { uses_max: INVITE_USES_MAX + 1, ..make(By::Operator) }, false),
        (MakeInvite { expires_after_ms: 0, ..make(By::Operator) }, false),
        (MakeInvite { expires_after_ms: INVITE_TIME_MS_MAX, ..make(By::Operator) }, true),
        (MakeInvite { expires_after_ms: INVITE_TIME_MS_MAX + 1, ..make(By::Operator) }, false),
        (MakeInvite { note: Some("n".repeat(INVITE_NOTE_BYTES_MAX)), ..make(By::Operator) }, true),
        (MakeInvite { note: Some("n".repeat(INVITE_NOTE_BYTES_MAX + 1)), ..make(By::Operator) }, false),
        (MakeInvite { note: Some("two\nlines".to_owned()), ..make(By::Operator) }, false),
    ] {
        let expected = (!is_accepted).then(|| "M_INVALID_PARAM".to_owned());
        assert_eq!(refusal(&mut house(), wanted.clone()), expected, "{wanted:?}");
    }
}

#[test]
fn spent_invites_make_room_for_new_ones_and_open_ones_do_not() {
    let known = Known::default();
    let mut state = house();
    let used = when(&mut state, make(By::Operator)).unwrap().0;
    when(&mut state, register("c", invite_of(&used.token))).unwrap();
    for _ in 1..INVITES_KEPT_MAX {
        when(&mut state, make(By::Operator)).unwrap();
    }
    let (_, facts) = when(&mut state, make(By::Operator)).unwrap();
    assert!(matches!(&facts[..], [Fact::InviteRevoked(fact), Fact::InviteMade(_)] if fact.id == used.id));
    assert_eq!(state.tokens.of(RegistrationTokenHash::of(&used.token)), 0, "its uses are forgotten with it");
    assert_eq!(refusal(&mut state, make(By::Operator)).as_deref(), Some("M_FORBIDDEN"));
    let (_, facts) = when_at(&known, 2_000, &mut state, make(By::Operator)).unwrap();
    assert_eq!(facts.len(), INVITES_KEPT_MAX + 1, "all have expired");
}

#[test]
fn the_first_account_is_an_admin_and_the_link_makes_no_second() {
    let mut state = DirectoryState::default();
    let (_, facts) = when(&mut state, register("alice", SignUpToken::First)).unwrap();
    let made = facts.iter().find_map(|fact| if let Fact::AdminMade(fact) = fact { Some(fact.clone()) } else { None });
    assert_eq!(made, Some(AdminMade { by: By::Operator, user_id: user_id!("@alice:h").to_owned() }));
    assert!(!facts.iter().any(|fact| matches!(fact, Fact::RegistrationTokenUsed(_))));
    assert_eq!(refusal(&mut state, register("bob", SignUpToken::First)).as_deref(), Some("M_FORBIDDEN"));
    assert_eq!(refusal(&mut state, make(account("alice"))), None);
}

#[test]
fn an_admin_is_made_none_by_another_and_the_last_one_stays() {
    let unmake = |by, name: &str| UnmakeAdmin { by, user_id: format!("@{name}:h").try_into().unwrap() };
    let mut state = house();
    for (by, name, expected) in [
        (account("bob"), "alice", Some("M_FORBIDDEN")),
        (account("alice"), "alice", Some("M_FORBIDDEN")),
        (By::Operator, "alice", Some("M_FORBIDDEN")),
        (By::Operator, "nobody", Some("M_NOT_FOUND")),
        (By::Operator, "bob", None),
    ] {
        assert_eq!(refusal(&mut state, unmake(by.clone(), name)).as_deref(), expected, "{by:?} {name}");
    }
    when(&mut state, MakeAdmin { by: By::Operator, user_id: user_id!("@bob:h").to_owned() }).unwrap();
    let (_, facts) = when(&mut state, unmake(account("bob"), "alice")).unwrap();
    assert!(matches!(&facts[..], [Fact::AdminUnmade(fact)] if fact.by == account("bob") && fact.user_id == "@alice:h"));
    assert_eq!(refusal(&mut state, make(account("alice"))).as_deref(), Some("M_FORBIDDEN"));
    assert!(when(&mut state, unmake(account("bob"), "alice")).unwrap().1.is_empty(), "twice is once");
    // Who closes their own account is none any more, the last one too.
    let retire = |name: &str| RetireAdmin { user_id: format!("@{name}:h").try_into().unwrap() };
    assert!(when(&mut state, retire("alice")).unwrap().1.is_empty());
    assert!(matches!(&when(&mut state, retire("bob")).unwrap().1[..], [Fact::AdminUnmade(_)]));
    assert_eq!(refusal(&mut state, make(account("bob"))).as_deref(), Some("M_FORBIDDEN"));
}
