//! Invites and admins.

use domain::directory::{
    ADMINS_MAX, By, DirectoryState, INVITE_NOTE_BYTES_MAX, INVITE_TIME_MS_MAX, INVITE_USES_MAX, INVITES_KEPT_MAX, MakeAdmin,
    MakeInvite, Register, RevokeInvite, SignUpToken, UnmakeAdmin,
};
use ruma::OwnedUserId;

use crate::{
    ink::Ink,
    world::{Twins, World},
};

fn register(name: &str, token: Option<SignUpToken>) -> Register {
    Register { username: Some(name.to_owned()), email: None, password_phc: None, session: None, token }
}

/// Who may come in, and who says so.
pub(crate) fn admission(world: &mut World, ink: &Ink) {
    let mut directory = Twins::<DirectoryState>::default();
    world.accept(&mut directory, register("first", Some(SignUpToken::First)));
    world.refuse(&directory, register("second", Some(SignUpToken::First)), "M_FORBIDDEN");
    let user_id = |number: usize| OwnedUserId::try_from(format!("@a{number}:h")).unwrap();
    let make_admin = |number| MakeAdmin { by: By::Operator, user_id: user_id(number) };
    for number in 1..=ADMINS_MAX {
        world.accept(&mut directory, register(&format!("a{number}"), None));
    }
    (1..ADMINS_MAX).for_each(|number| drop(world.accept(&mut directory, make_admin(number))));
    world.pass(&directory, make_admin(1));
    world.refuse(&directory, make_admin(ADMINS_MAX), "M_FORBIDDEN");
    world.accept(&mut directory, UnmakeAdmin { by: By::Operator, user_id: user_id(2) });
    world.accept(&mut directory, make_admin(ADMINS_MAX));
    world.refuse(&directory, make_admin(2), "M_FORBIDDEN");

    let note = |bytes| {
        let text = ink.text(bytes);
        (!text.chars().any(char::is_control)).then_some(text)
    };
    let most = MakeInvite {
        by: By::Account(user_id(1)),
        uses_max: INVITE_USES_MAX,
        expires_after_ms: INVITE_TIME_MS_MAX,
        note: note(INVITE_NOTE_BYTES_MAX),
    };
    let over = |change: fn(&mut MakeInvite)| {
        let mut command = most.clone();
        change(&mut command);
        command
    };
    world.refuse(&directory, over(|invite| invite.uses_max += 1), "M_INVALID_PARAM");
    world.refuse(&directory, over(|invite| invite.expires_after_ms += 1), "M_INVALID_PARAM");
    world.refuse(&directory, over(|invite| invite.note = Some("n".repeat(INVITE_NOTE_BYTES_MAX + 1))), "M_INVALID_PARAM");
    world.accept(&mut directory, over(|invite| (invite.uses_max, invite.expires_after_ms, invite.note) = (1, 1, None)));
    (1..INVITES_KEPT_MAX).for_each(|_| drop(world.accept_once(&mut directory, most.clone())));
    world.refuse(&directory, most, "M_FORBIDDEN");
    world.refuse(&directory, RevokeInvite { by: By::Operator, id: ink.text(10) }, "M_NOT_FOUND");
    // The one that expires at once makes room when its time has come.
    world.now_ms += ruma::UInt::from(1_u32);
    let last = MakeInvite { by: By::Operator, uses_max: 1, expires_after_ms: 1, note: None };
    assert_eq!(world.accept(&mut directory, last).len(), 2);
}
