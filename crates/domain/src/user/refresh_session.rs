//! Gives a session new tokens for its refresh token (spec: `POST /_matrix/client/v3/refresh`).

use ruma::{
    OwnedUserId,
    api::error::{ErrorKind, UnknownTokenErrorData},
};

use super::{
    UserState,
    close_session::closed,
    open_session::{OpenedSession, issue},
    token::RefreshToken,
};
use crate::{Command, Context, Decision, Rejection};

/// Gives a session new tokens for its refresh token. The tokens before still count until the new ones are used.
///
/// A refresh token that counts no more is in the hands of two, and nobody can say who of them the owner is: the session
/// is closed (RFC 9700, section 4.14.2).
#[derive(Clone, Debug)]
pub struct RefreshSession {
    /// Whose session.
    pub user_id: OwnedUserId,
    /// The refresh token that the client showed.
    pub refresh_token: RefreshToken,
    /// How long the new access token is to live.
    pub lifetime_ms: u64,
}

/// What came of it.
#[derive(Debug)]
pub enum Refreshed {
    /// New tokens.
    Tokens(OpenedSession),
    /// The token had been replaced, and its session is closed now.
    Closed,
}

impl Command for RefreshSession {
    type On = UserState;
    type Reply = Refreshed;

    fn key(&self) -> OwnedUserId {
        self.user_id.clone()
    }

    fn decide(self, state: &UserState, context: &Context<'_>) -> Result<Decision<Refreshed>, Rejection> {
        let user_id = state.account.usable()?;
        let token = &self.refresh_token;
        if let Some(device_id) = state.devices.of_refresh_token(token) {
            let (session, fact) = issue(user_id, device_id.clone(), Some(self.lifetime_ms), Some(token), context);
            return Ok(Decision::accept([fact], Refreshed::Tokens(session)));
        }
        if let Some(device_id) = state.devices.of_spent_refresh_token(token) {
            return Ok(Decision::accept([closed(user_id, device_id)], Refreshed::Closed));
        }
        let kind = ErrorKind::UnknownToken(UnknownTokenErrorData::new());
        Err(Rejection::new(401, kind, "That refresh token does not count (any more). Log in again."))
    }
}
