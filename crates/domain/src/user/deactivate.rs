//! Deactivates an account (spec: `POST /_matrix/client/v3/account/deactivate`). Leaving rooms and freeing addresses are its effects.

use ruma::OwnedUserId;

use super::{UserState, close_session::closed, facts::AccountDeactivated};
use crate::{Command, Context, Decision, Fact, Rejection, directory::By};

/// Deactivates an account and closes its sessions.
#[derive(Clone, Debug)]
pub struct Deactivate {
    /// Whose account.
    pub user_id: OwnedUserId,
    /// Its owner wants what can be forgotten to be forgotten.
    pub erase: bool,
}

impl Command for Deactivate {
    type On = UserState;
    type Reply = ();

    fn key(&self) -> OwnedUserId {
        self.user_id.clone()
    }

    fn decide(self, state: &UserState, _: &Context<'_>) -> Result<Decision<()>, Rejection> {
        if state.account.is_deactivated() {
            return Ok(Decision::AlreadyDone(()));
        }
        let user_id = state.account.active()?;
        Ok(Decision::accept(deactivation(state, user_id, None, self.erase), ()))
    }
}

/// The facts that end an account: those of its sessions, and its own.
pub(super) fn deactivation(state: &UserState, user_id: &OwnedUserId, by: Option<By>, erase: bool) -> Vec<Fact> {
    let ended = Fact::AccountDeactivated(AccountDeactivated { by, erase, user_id: user_id.clone() });
    state.devices.ids().map(|id| closed(user_id, id)).chain([ended]).collect()
}
