//! The program around the API, for the endpoints that need it.

use std::sync::Arc;

use axum::{
    extract::{FromRef, FromRequestParts},
    http::request::Parts,
};
use domain::Rejection;

use crate::{app::App, error::ApiError, host::Host};

/// The program around the API. Take it after `Acting`.
pub(crate) struct AskedHost(pub(crate) Arc<dyn Host>);

impl FromRequestParts<App> for AskedHost {
    type Rejection = ApiError;

    /// # Errors
    /// 404 `M_NOT_FOUND` where the API runs by itself.
    async fn from_request_parts(_: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let host = Option::<Arc<dyn Host>>::from_ref(app);
        host.map(Self).ok_or_else(|| Rejection::not_found("This server does not tell how it does.").into())
    }
}
