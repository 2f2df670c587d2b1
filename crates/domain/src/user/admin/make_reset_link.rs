//! Makes a link by which the owner of an account sets a new password.

use ruma::OwnedUserId;

use super::{check::check_admin, facts::ResetLinkMade};
use crate::{
    Command, Context, Decision, Fact, Rejection,
    directory::By,
    user::{TokenHash, UserState},
};

/// How long a link counts, milliseconds: a day.
pub const RESET_TIME_MS: u64 = 24 * 60 * 60 * 1_000;

/// Letters of its token: 165 bits.
const TOKEN_LETTERS: usize = 32;

/// Makes a link. An account has one at a time: the newest. Its token is made here and is nowhere but in the reply.
#[derive(Clone, Debug)]
pub struct MakeResetLink {
    /// Who asks for it.
    pub by: By,
    /// The account.
    pub user_id: OwnedUserId,
}

/// A link that was made. Its token is a secret.
pub struct ResetLinkReply {
    /// What a new password is set with.
    pub token: String,
    /// From when on it does not count, milliseconds since the epoch.
    pub expires_at_ms: u64,
}

impl std::fmt::Debug for ResetLinkReply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ResetLinkReply").field("expires_at_ms", &self.expires_at_ms).finish_non_exhaustive()
    }
}

impl Command for MakeResetLink {
    type On = UserState;
    type Reply = ResetLinkReply;

    fn key(&self) -> OwnedUserId {
        self.user_id.clone()
    }

    fn decide(self, state: &UserState, context: &Context<'_>) -> Result<Decision<ResetLinkReply>, Rejection> {
        let Self { by, user_id } = self;
        check_admin(&by, context)?;
        state.account.active()?;
        let token = context.entropy.token(TOKEN_LETTERS);
        let expires_at_ms = u64::from(context.now.0).saturating_add(RESET_TIME_MS);
        let made = ResetLinkMade { by, expires_at_ms, token: TokenHash::of(&token), user_id };
        Ok(Decision::accept([Fact::ResetLinkMade(made)], ResetLinkReply { token, expires_at_ms }))
    }
}
