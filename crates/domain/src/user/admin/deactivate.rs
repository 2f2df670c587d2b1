//! Deactivates the account of somebody else. What follows is as when its owner does it. An account that is closed can be erased later.

use ruma::OwnedUserId;

use super::check::{check_admin, check_no_admin};
use crate::{
    Command, Context, Decision, Rejection,
    directory::By,
    user::{UserState, deactivate::deactivation},
};

/// Deactivates an account and closes its sessions.
#[derive(Clone, Debug)]
pub struct DeactivateByAdmin {
    /// Who asks for it.
    pub by: By,
    /// The account.
    pub user_id: OwnedUserId,
    /// What can be forgotten of its owner is to be forgotten.
    pub erase: bool,
}

impl Command for DeactivateByAdmin {
    type On = UserState;
    type Reply = ();

    fn key(&self) -> OwnedUserId {
        self.user_id.clone()
    }

    fn decide(self, state: &UserState, context: &Context<'_>) -> Result<Decision<()>, Rejection> {
        let Self { by, user_id, erase } = self;
        check_admin(&by, context)?;
        if state.account.is_deactivated() {
            if !erase || state.account.is_erased() {
                return Ok(Decision::AlreadyDone(()));
            }
        } else {
            state.account.active()?;
        }
        check_no_admin(&user_id, context)?;
        Ok(Decision::accept(deactivation(state, &user_id, Some(by), erase), ()))
    }
}
