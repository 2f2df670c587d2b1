//! Notes that a session uses the tokens that a refresh gave it (spec: "Refreshing access tokens").

use ruma::{OwnedDeviceId, OwnedUserId};

use super::{UserState, facts::CredentialsUsed, token::TokenHash, unknown_token::unknown_access_token};
use crate::{Command, Context, Decision, Fact, Rejection};

/// Notes that an access token that a refresh gave out is used, which ends the tokens before it. Does nothing the second
/// time.
#[derive(Clone, Debug)]
pub struct UseCredentials {
    /// Whose session.
    pub user_id: OwnedUserId,
    /// Which session.
    pub device_id: OwnedDeviceId,
    /// Hash of the access token.
    pub access_token: TokenHash,
}

impl Command for UseCredentials {
    type On = UserState;
    type Reply = ();

    fn key(&self) -> OwnedUserId {
        self.user_id.clone()
    }

    fn decide(self, state: &UserState, _: &Context<'_>) -> Result<Decision<()>, Rejection> {
        let user_id = state.account.active()?.to_owned();
        let tokens = state.devices.get(&self.device_id).map(|device| &device.tokens);
        if tokens.is_some_and(|tokens| tokens.unused_of(self.access_token).is_some()) {
            let Self { device_id, access_token, .. } = self;
            return Ok(Decision::accept([Fact::CredentialsUsed(CredentialsUsed { access_token, device_id, user_id })], ()));
        }
        if tokens.is_some_and(|tokens| tokens.has_access(self.access_token)) {
            return Ok(Decision::AlreadyDone(()));
        }
        // It was replaced or logged out since the caller looked.
        Err(unknown_access_token(false))
    }
}
