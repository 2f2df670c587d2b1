//! Invites, their uses, and admins.

use domain::{
    Fact,
    directory::{AdminMade, By, InviteMade, InviteRevoked, RegistrationTokenHash, RegistrationTokenUsed},
};
use ruma::user_id;
use views::accounts;

use crate::folded::Folded;

fn made(id: &str) -> Fact {
    Fact::InviteMade(InviteMade {
        by: By::Operator,
        expires_at_ms: 9,
        id: id.to_owned(),
        note: None,
        token: RegistrationTokenHash::of(id),
        uses_max: 2,
    })
}

fn used(id: &str) -> Fact {
    Fact::RegistrationTokenUsed(RegistrationTokenUsed { token: RegistrationTokenHash::of(id) })
}

fn revoked(id: &str) -> Fact {
    Fact::InviteRevoked(InviteRevoked { by: By::Operator, id: id.to_owned() })
}

#[test]
fn an_invite_goes_with_all_that_was_kept_of_it() {
    let mut folded = Folded::of([made("one"), made("two"), used("one"), used("two"), used("two")]);
    let uses = |folded: &Folded| {
        let listed = accounts::invites(&*folded.rows()).unwrap();
        listed.into_iter().map(|listed| (listed.id, listed.uses)).collect::<Vec<_>>()
    };
    assert_eq!(uses(&folded), [("one".to_owned(), 1), ("two".to_owned(), 2)]);
    let allowed = |folded: &Folded, id| accounts::invite_of_token(&*folded.rows(), RegistrationTokenHash::of(id)).unwrap();
    let one = allowed(&folded, "one").unwrap();
    assert_eq!((one.uses_max, one.expires_at_ms), (Some(2), Some(9)));
    // The second time there is nothing left, as when the record that made it does not read.
    [revoked("two"), revoked("two"), revoked("three")].into_iter().for_each(|fact| folded.add(fact));
    assert_eq!(uses(&folded), [("one".to_owned(), 1)]);
    assert_eq!(allowed(&folded, "two"), None);
    let left = accounts::registration_token_uses(&*folded.rows(), RegistrationTokenHash::of("two")).unwrap();
    assert_eq!(left, 0);
    folded.assert_replay_is_equal();
}

#[test]
fn admins_are_those_who_were_made_admins() {
    let alice = user_id!("@alice:h");
    let folded = Folded::of([Fact::AdminMade(AdminMade { by: By::Operator, user_id: alice.to_owned() })]);
    assert!(accounts::is_admin(&*folded.rows(), alice).unwrap());
    assert!(!accounts::is_admin(&*folded.rows(), user_id!("@bob:h")).unwrap());
    folded.assert_replay_is_equal();
}
