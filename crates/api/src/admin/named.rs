//! The account that an admin names in a path: its id, or the part before the colon.

use axum::{
    extract::{FromRequestParts, Path},
    http::request::Parts,
};
use domain::Rejection;
use ruma::OwnedUserId;

use crate::{app::App, error::ApiError, uiaa::user_of_name};

/// An account, or nobody: whoever asks is to be looked at first, so that strangers learn of nobody. Take it after `Acting`.
pub(crate) struct Named(pub(crate) OwnedUserId);

impl FromRequestParts<App> for Named {
    type Rejection = ApiError;

    /// # Errors
    /// 404 `M_NOT_FOUND` for what names nobody of this server.
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let nobody = || Rejection::not_found("There is no such account.");
        let Path(name) = Path::<String>::from_request_parts(parts, app).await.map_err(|_| nobody())?;
        Ok(Self(user_of_name(&app.engine, &name).ok_or_else(nobody)?))
    }
}
