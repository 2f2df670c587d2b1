//! Gives a session new tokens for its refresh token (spec: `POST /_matrix/client/v3/refresh`).

use ruma::{
    OwnedUserId,
    api::error::{ErrorKind, UnknownTokenErrorData},
};

use super::{
    UserState,
    open_session::{OpenedSession, issue},
    token::TokenHash,
};
use crate::{Command, Context, Decision, Rejection};

/// Gives a session new tokens for its refresh token.
#[derive(Clone, Debug)]
pub struct RefreshSession {
    /// Whose session.
    pub user_id: OwnedUserId,
    /// Hash of the refresh token that the client showed.
    pub refresh_token: TokenHash,
    /// How long the new access token is to live.
    pub lifetime_ms: u64,
}

impl Command for RefreshSession {
    type On = UserState;
    type Reply = OpenedSession;

    fn key(&self) -> OwnedUserId {
        self.user_id.clone()
    }

    fn decide(self, state: &UserState, context: &Context<'_>) -> Result<Decision<OpenedSession>, Rejection> {
        let user_id = state.account.active()?;
        let device_id = state.devices.of_refresh_token(self.refresh_token).ok_or_else(|| {
            Rejection::new(401, ErrorKind::UnknownToken(UnknownTokenErrorData::new()), "That refresh token does not count.")
        })?;
        let (session, fact) = issue(user_id, device_id.clone(), Some(self.lifetime_ms), Some(self.refresh_token), context);
        Ok(Decision::accept([fact], session))
    }
}
