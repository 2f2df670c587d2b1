//! The link that somebody comes with who wants a new password.

use axum::{Extension, extract::FromRequestParts, http::request::Parts};
use domain::user::{TokenHash, admin::reset_refused};
use engine::Engine;
use views::accounts::ResetLinkRow;

use crate::{
    app::App,
    client_address::ClientAddress,
    error::ApiError,
    limits::{Guesser, Limits},
};

/// What attempts are counted by that are of no account: a token that counts for nobody does not say whose it was. No user id is like it.
const NOBODY: &str = "reset link";

/// Finds links, and counts attempts at one as those at a password.
pub(super) struct ResetLinks {
    engine: Engine,
    limits: Limits,
    address: Option<ClientAddress>,
}

impl FromRequestParts<App> for ResetLinks {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        let address = Option::<Extension<ClientAddress>>::from_request_parts(parts, app).await?;
        let (engine, limits) = (app.engine.clone(), app.limits.clone());
        Ok(Self { engine, limits, address: address.map(|Extension(address)| address) })
    }
}

impl ResetLinks {
    /// The link with a token that counts now. Whether it does is decided once more under the lane.
    ///
    /// Whoever has one is not counted, so that what strangers try keeps nobody from their account.
    ///
    /// # Errors
    /// 403 `M_FORBIDDEN` in the same words for every token that does not count, and 429 `M_LIMIT_EXCEEDED` after too many of those.
    pub(super) fn counting(&self, token: TokenHash) -> Result<ResetLinkRow, ApiError> {
        let found = views::accounts::reset_link(&*self.engine.rows(), token)?;
        if let Some(link) = found.filter(|link| u64::from(self.engine.now().0) < link.expires_at_ms) {
            return Ok(link);
        }
        let _counted_as_wrong = self.limits.guess(NOBODY, Guesser::Address(self.address))?;
        Err(reset_refused().into())
    }
}
