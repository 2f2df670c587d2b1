//! A request body as a type of this crate, for the endpoints whose body ruma's types cannot say.

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
};
use domain::Rejection;
use ruma::api::error::ErrorKind;
use serde::de::{DeserializeOwned, IgnoredAny};

use crate::{app::App, error::ApiError};

/// A JSON body. An empty one counts as an empty object, as it does everywhere.
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<App> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &App) -> Result<Self, ApiError> {
        let body =
            Bytes::from_request(request, app).await.map_err(|_| Rejection::too_large("The request body is too large."))?;
        let body: &[u8] = if body.is_empty() { b"{}" } else { &body };
        if serde_json::from_slice::<IgnoredAny>(body).is_err() {
            return Err(Rejection::new(400, ErrorKind::NotJson, "The request body is not JSON.").into());
        }
        serde_json::from_slice(body)
            .map(Self)
            .map_err(|error| Rejection::bad_json(format!("The request does not read: {error}.")).into())
    }
}
