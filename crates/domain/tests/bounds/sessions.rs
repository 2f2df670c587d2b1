//! Sessions, passwords, and the end of an account.

use domain::{
    Fact,
    directory::By,
    user::{
        CloseSessions, CredentialsSet, DEVICE_NAME_BYTES_MAX, Deactivate, NewSession, OpenSession, RefreshSession,
        RefreshToken, RenameDevice, SetPassword, TokenHash, UseCredentials, UserState, WhichSessions,
        admin::{DeactivateByAdmin, MakeResetLink, ResetBy, ResetPassword, SetLocked},
    },
};
use ruma::{OwnedUserId, UInt, owned_user_id};

use crate::{
    ink::Ink,
    world::{Twins, World},
};

pub(crate) fn alice() -> OwnedUserId {
    owned_user_id!("@alice:h")
}

/// The state of an account without anything.
pub(crate) fn account() -> Twins<UserState> {
    Twins::given([Fact::AccountCreated(domain::user::AccountCreated { user_id: alice() })])
}

/// Sessions and their devices.
pub(crate) fn devices(world: &mut World, ink: &Ink) {
    let mut user = account();
    let open = |id: usize, name: usize, lifetime_ms| {
        let (device_id, display_name) = (Some(ink.text(id).into()), Some(ink.text(name)));
        OpenSession { user_id: alice(), session: NewSession { device_id, display_name, lifetime_ms } }
    };
    world.accept(&mut user, open(1, 0, Some(0)));
    world.accept(&mut user, open(255, DEVICE_NAME_BYTES_MAX, Some(u64::MAX)));
    world.refuse(&user, open(256, 0, None), "M_INVALID_PARAM");
    world.refuse(&user, open(0, 0, None), "M_INVALID_PARAM");
    world.refuse(&user, open(2, DEVICE_NAME_BYTES_MAX + 1, None), "M_INVALID_PARAM");
    world.now_ms = UInt::MAX;
    refresh(world, &mut user, ink);
    rename(world, &mut user, ink);
    let set_password = SetPassword { user_id: alice(), phc: ink.text(200), keep_only: Some(ink.text(255).into()) };
    assert_eq!(world.accept(&mut user, set_password).len(), 2);
    administer(world, &mut user, ink);
    world.accept(&mut user, open(1, 0, None));
    world.accept(&mut user, CloseSessions { user_id: alice(), which: WhichSessions::AllBut(ink.text(1).into()) });
    let facts = world.accept(&mut user, Deactivate { user_id: alice(), erase: true });
    assert_eq!(facts.len(), 2);
    world.refuse(&user, open(1, 0, None), "M_USER_DEACTIVATED");
}

/// Refreshes a session whose tokens are known, uses what it got, and shows a token that counts no more.
fn refresh(world: &mut World, user: &mut Twins<UserState>, ink: &Ink) {
    user.take(&Fact::CredentialsSet(CredentialsSet {
        access_token: TokenHash::of("access"),
        device_id: ink.text(255).into(),
        expires_at_ms: Some(u64::MAX),
        family: Some(TokenHash::of("family")),
        refresh_token: Some(TokenHash::of("family.secret")),
        refreshed: None,
        user_id: alice(),
    }));
    let refresh =
        |token: &str, lifetime_ms| RefreshSession { user_id: alice(), refresh_token: RefreshToken::of(token), lifetime_ms };
    let facts = world.accept(user, refresh("family.secret", u64::MAX));
    let access = facts.iter().find_map(|fact| match fact {
        Fact::CredentialsSet(fact) => Some(fact.access_token),
        _ => None,
    });
    let use_it =
        |device: usize, access_token| UseCredentials { user_id: alice(), device_id: ink.text(device).into(), access_token };
    world.accept(user, use_it(255, access.unwrap()));
    world.refuse(user, use_it(255, TokenHash::of("access")), "M_UNKNOWN_TOKEN");
    world.refuse(user, use_it(2, access.unwrap()), "M_UNKNOWN_TOKEN");
    world.refuse(user, refresh("other.secret", 0), "M_UNKNOWN_TOKEN");
    world.accept(user, refresh("family.secret", 0));
    let (device_id, display_name) = (Some(ink.text(255).into()), Some(ink.text(DEVICE_NAME_BYTES_MAX)));
    let session = NewSession { device_id, display_name, lifetime_ms: None };
    world.accept(user, OpenSession { user_id: alice(), session });
}

fn rename(world: &mut World, user: &mut Twins<UserState>, ink: &Ink) {
    let rename = |id: usize, name: Option<usize>| {
        let display_name = name.map(|bytes| ink.text(bytes));
        RenameDevice { user_id: alice(), device_id: ink.text(id).into(), display_name }
    };
    for name in [Some(0), Some(1), Some(DEVICE_NAME_BYTES_MAX), None] {
        let user = &mut *user;
        // The first device has an empty name by now.
        if name != Some(0) {
            world.accept(user, rename(1, name));
        }
    }
    world.refuse(user, rename(1, Some(DEVICE_NAME_BYTES_MAX + 1)), "M_INVALID_PARAM");
    world.refuse(user, rename(3, None), "M_NOT_FOUND");
}

/// What admins do to an account that has one session, at the end of time: a link has expired when it is made.
fn administer(world: &mut World, user: &mut Twins<UserState>, ink: &Ink) {
    let by = By::Account(alice());
    let lock = |locked| SetLocked { by: by.clone(), user_id: alice(), locked };
    world.refuse(user, lock(true), "M_FORBIDDEN");
    world.accept(user, SetLocked { by: By::Operator, user_id: alice(), locked: true });
    world.known.admins.insert(alice());
    world.accept(user, lock(false));
    world.pass(user, lock(false));
    world.accept(user, MakeResetLink { by: by.clone(), user_id: alice() });
    let reset = ResetPassword {
        user_id: alice(),
        by: ResetBy::Link(TokenHash::of("link")),
        phc: ink.text(200),
        logout_devices: true,
    };
    world.refuse(user, reset, "M_FORBIDDEN");
    let mut gone = user.clone();
    world.known.admins.clear();
    world.accept(&mut gone, DeactivateByAdmin { by: By::Operator, user_id: alice(), erase: true });
}
