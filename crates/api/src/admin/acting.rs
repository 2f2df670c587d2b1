//! The admin who asks.

use axum::{extract::FromRequestParts, http::request::Parts};
use domain::{Rejection, directory::By};

use crate::{app::App, error::ApiError, extract::Sender, operator::Operator};

/// An admin: the operator, or an account that is one.
pub(crate) struct Acting(pub(crate) By);

impl FromRequestParts<App> for Acting {
    type Rejection = ApiError;

    /// # Errors
    /// 403 `M_FORBIDDEN` for everybody else. What an admin changes is decided once more under the lane.
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        if parts.extensions.get::<Operator>().is_some() {
            return Ok(Self(By::Operator));
        }
        let sender = Sender::from_request_parts(parts, app).await?;
        if views::accounts::is_admin(&*app.engine.rows(), &sender.user_id)? {
            Ok(Self(By::Account(sender.user_id)))
        } else {
            Err(Rejection::forbidden("Only admins of this server may do that.").into())
        }
    }
}
