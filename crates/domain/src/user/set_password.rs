//! Sets a new password (spec: `POST /_matrix/client/v3/account/password`).

use ruma::{OwnedDeviceId, OwnedUserId};

use super::{UserState, close_session::closed, facts::PasswordSet};
use crate::{Command, Context, Decision, Fact, Rejection};

/// Sets a new password.
#[derive(Clone)]
pub struct SetPassword {
    /// Whose password.
    pub user_id: OwnedUserId,
    /// Argon2id hash in PHC form.
    pub phc: String,
    /// When present, every session but this one is closed.
    pub keep_only: Option<OwnedDeviceId>,
}

impl Command for SetPassword {
    type On = UserState;
    type Reply = ();

    fn key(&self) -> OwnedUserId {
        self.user_id.clone()
    }

    fn decide(self, state: &UserState, _: &Context<'_>) -> Result<Decision<()>, Rejection> {
        let user_id = state.account.active()?;
        let mut facts = vec![Fact::PasswordSet(PasswordSet { by_link: false, phc: self.phc, user_id: user_id.clone() })];
        if let Some(kept) = self.keep_only {
            facts.extend(state.devices.ids().filter(|id| **id != kept).map(|id| closed(user_id, id)));
        }
        Ok(Decision::accept(facts, ()))
    }
}
