//! Locks an account or unlocks it (spec: "Account locking", and `PUT /_matrix/client/v1/admin/lock/{userId}`).

use ruma::OwnedUserId;

use super::{
    check::{check_admin, check_no_admin},
    facts::{AccountLocked, AccountUnlocked},
};
use crate::{Command, Context, Decision, Fact, Rejection, directory::By, user::UserState};

/// Locks an account or unlocks it.
#[derive(Clone, Debug)]
pub struct SetLocked {
    /// Who asks for it.
    pub by: By,
    /// The account.
    pub user_id: OwnedUserId,
    /// Whether it is locked from now on.
    pub locked: bool,
}

impl Command for SetLocked {
    type On = UserState;
    type Reply = ();

    fn key(&self) -> OwnedUserId {
        self.user_id.clone()
    }

    fn decide(self, state: &UserState, context: &Context<'_>) -> Result<Decision<()>, Rejection> {
        let Self { by, user_id, locked } = self;
        check_admin(&by, context)?;
        state.account.active()?;
        if state.account.is_locked() == locked {
            return Ok(Decision::AlreadyDone(()));
        }
        if !locked {
            return Ok(Decision::accept([Fact::AccountUnlocked(AccountUnlocked { by, user_id })], ()));
        }
        check_no_admin(&user_id, context)?;
        Ok(Decision::accept([Fact::AccountLocked(AccountLocked { by, user_id })], ()))
    }
}
