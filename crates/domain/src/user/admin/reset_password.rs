//! Sets a new password for whoever has a reset link, and uses the link up.

use ruma::OwnedUserId;

use crate::{
    Command, Context, Decision, Fact, Rejection,
    user::{PasswordSet, TokenHash, UserState, close_session::closed},
};

/// Sets a new password by a reset link. Keys are left as they are.
#[derive(Clone)]
pub struct ResetPassword {
    /// Whose password.
    pub user_id: OwnedUserId,
    /// Hash of the link's token.
    pub token: TokenHash,
    /// Argon2id hash of the new password in PHC form.
    pub phc: String,
    /// Every session is closed.
    pub logout_devices: bool,
}

impl Command for ResetPassword {
    type On = UserState;
    /// How many sessions were closed.
    type Reply = usize;

    fn key(&self) -> OwnedUserId {
        self.user_id.clone()
    }

    fn decide(self, state: &UserState, context: &Context<'_>) -> Result<Decision<usize>, Rejection> {
        let user_id = state.account.active().map_err(|_| reset_refused())?;
        if !state.account.has_reset_link(self.token, context.now.0.into()) {
            return Err(reset_refused());
        }
        let mut facts = vec![Fact::PasswordSet(PasswordSet { by_link: true, phc: self.phc, user_id: user_id.clone() })];
        if self.logout_devices {
            facts.extend(state.devices.ids().map(|id| closed(user_id, id)));
        }
        let ended = facts.len() - 1;
        Ok(Decision::accept(facts, ended))
    }
}

/// 403 `M_FORBIDDEN`, in the same words whether the link never counted, was used up, has expired or was replaced.
#[must_use]
pub fn reset_refused() -> Rejection {
    Rejection::forbidden(
        "This link does not count: it was used, has expired, or there is a newer one. Ask whoever runs this server for another.",
    )
}
