//! Sets a new password for whoever has a reset link of an admin's or one that was sent by email, and uses the link up.

use ruma::OwnedUserId;

use crate::{
    Command, Context, Decision, Fact, Rejection,
    user::{PasswordSet, TokenHash, UserState, close_session::closed},
};

/// What allows a new password to be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResetBy {
    /// A link that an admin has made: the hash of its token.
    Link(TokenHash),
    /// A link that was sent to a verified address. It was checked that it is genuine and of the account; it counts while the account has the
    /// password that it had when the link was made, and so once.
    Email {
        /// The hash of that password's hash; none for no password.
        password: Option<TokenHash>,
        /// From when on it does not count, milliseconds since the epoch.
        expires_at_ms: u64,
    },
}

/// Sets a new password by a reset link. Keys are left as they are.
#[derive(Clone)]
pub struct ResetPassword {
    /// Whose password.
    pub user_id: OwnedUserId,
    /// By which link.
    pub by: ResetBy,
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
        let now_ms = context.now.0.into();
        let counts = match self.by {
            ResetBy::Link(token) => state.account.has_reset_link(token, now_ms),
            ResetBy::Email { password, expires_at_ms } => now_ms < expires_at_ms && state.account.has_password(password),
        };
        if !counts {
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
