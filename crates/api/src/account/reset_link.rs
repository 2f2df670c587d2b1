//! The link that somebody comes with who wants a new password.

use axum::{Extension, extract::FromRequestParts, http::request::Parts};
use domain::user::{
    TokenHash,
    admin::{ResetBy, reset_refused},
};
use engine::Engine;
use ruma::OwnedUserId;

use crate::{
    app::App,
    client_address::ClientAddress,
    error::ApiError,
    limits::{Guesser, Limits},
    mailing::{MailedReset, Mailing},
};

/// What attempts are counted by that are of no account: a token that counts for nobody does not say whose it was. No user id is like it.
const NOBODY: &str = "reset link";

/// A link that counts, of an admin's or from a message.
pub(super) struct Counting {
    pub(super) user_id: OwnedUserId,
    /// From when on it does not count, milliseconds since the epoch.
    pub(super) expires_at_ms: u64,
    /// As it is decided once more under the lane.
    pub(super) by: ResetBy,
}

/// Finds links, and counts attempts at one as those at a password.
pub(super) struct ResetLinks {
    engine: Engine,
    limits: Limits,
    mailing: Mailing,
    address: Option<ClientAddress>,
}

impl FromRequestParts<App> for ResetLinks {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        let address = Option::<Extension<ClientAddress>>::from_request_parts(parts, app).await?;
        let (engine, limits, mailing) = (app.engine.clone(), app.limits.clone(), app.mailing.clone());
        Ok(Self { engine, limits, mailing, address: address.map(|Extension(address)| address) })
    }
}

impl ResetLinks {
    /// The link with a token that counts now. Whether it does is decided once more under the lane.
    ///
    /// Whoever has one is not counted, so that what strangers try keeps nobody from their account.
    ///
    /// # Errors
    /// 403 `M_FORBIDDEN` in the same words for every token that does not count, and 429 `M_LIMIT_EXCEEDED` after too many of those.
    pub(super) fn counting(&self, token: &str) -> Result<Counting, ApiError> {
        let hash = TokenHash::of(token);
        let found = views::accounts::reset_link(&*self.engine.rows(), hash)?;
        if let Some(link) = found.filter(|link| u64::from(self.engine.now().0) < link.expires_at_ms) {
            return Ok(Counting { user_id: link.user_id, expires_at_ms: link.expires_at_ms, by: ResetBy::Link(hash) });
        }
        if let Some(key) = self.mailing.key()
            && let Some(MailedReset { user_id, expires_at_ms, by }) = key.reset(&self.engine, token)?
        {
            return Ok(Counting { user_id, expires_at_ms, by });
        }
        let _counted_as_wrong = self.limits.guess(NOBODY, Guesser::Address(self.address))?;
        Err(reset_refused().into())
    }
}
