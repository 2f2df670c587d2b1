//! Given who was to be erased, when the log is asked to forget them, then which payloads go.

use ruma::{OwnedUserId, user_id};

use super::{EraseAccount, PAYLOADS_AT_ONCE_MAX, Part, PayloadsErased};
use crate::{
    Fact,
    lookup::fixture::Known,
    user::{
        AccountCreated, AccountDeactivated, SessionOpened, UserState,
        keys::fixture::{code, given, when_known},
    },
};

fn bob() -> OwnedUserId {
    user_id!("@bob:h").to_owned()
}

/// Bob's account; closed to be erased, closed, or not.
fn account(erase: Option<bool>) -> UserState {
    let opened = SessionOpened { device_id: "PHONE".into(), display_name: Some("Bob's phone".to_owned()), user_id: bob() };
    let created = [Fact::AccountCreated(AccountCreated { user_id: bob() }), Fact::SessionOpened(opened)];
    let closed = erase.map(|erase| Fact::AccountDeactivated(AccountDeactivated { by: None, erase, user_id: bob() }));
    given(created.into_iter().chain(closed))
}

fn json(state: &UserState) -> String {
    serde_json::to_string(state).unwrap()
}

#[test]
fn only_what_was_asked_for_is_erased() {
    let known = Known { payloads: vec![1, 2], ..Known::default() };
    for erase in [None, Some(false)] {
        for part in [Part::Inbox, Part::Account] {
            let refused = when_known(&known, &mut account(erase), EraseAccount { user_id: bob(), part, after: 0 });
            assert_eq!(code(&refused.unwrap_err()), "M_FORBIDDEN", "{erase:?} {part:?}");
        }
    }
}

#[test]
fn many_payloads_go_in_many_facts_and_none_twice() {
    let count = PAYLOADS_AT_ONCE_MAX as u64 * 2 + 1;
    let known = Known { payloads: (1..=count).collect(), ..Known::default() };
    let (mut state, mut after, mut erased) = (account(Some(true)), 0, Vec::new());
    loop {
        let erase = EraseAccount { user_id: bob(), part: Part::Account, after };
        let (next, facts) = when_known(&known, &mut state, erase).unwrap();
        let [Fact::AccountErased(fact)] = facts.as_slice() else { panic!("{facts:?}") };
        assert_eq!(fact.is_last, next.is_none());
        assert_eq!(facts[0].erases(), fact.positions);
        erased.extend_from_slice(&fact.positions);
        let Some(next) = next else { break };
        assert!(!state.account.is_erased());
        after = next;
    }
    assert_eq!(erased, known.payloads);
    assert!(state.account.is_erased());
    let again = EraseAccount { user_id: bob(), part: Part::Account, after: 0 };
    let (next, facts) = when_known(&Known::default(), &mut state, again).unwrap();
    assert_eq!((next, facts.len()), (None, 0));
}

#[test]
fn a_state_is_the_same_however_much_of_it_was_erased_before_it_was_folded() {
    let erased = PayloadsErased { is_last: true, positions: vec![2], user_id: bob() };
    let mut lived = account(Some(true));
    crate::Aggregate::evolve(&mut lived, &Fact::AccountErased(erased.clone()));
    let closed = AccountDeactivated { by: None, erase: true, user_id: bob() };
    let replayed: UserState = given([
        Fact::AccountCreated(AccountCreated { user_id: bob() }),
        Fact::AccountDeactivated(closed),
        Fact::AccountErased(erased),
    ]);
    assert_eq!(json(&lived), json(&replayed));
    assert!(!json(&lived).contains("phone"));
}
