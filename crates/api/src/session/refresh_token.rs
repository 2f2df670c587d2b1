//! `POST /_matrix/client/v3/refresh`

use axum::extract::State;
use domain::{
    Rejection,
    user::{RefreshSession, TokenHash},
};
use engine::Engine;
use ruma::api::{
    client::session::refresh_token::v3::{Request, Response},
    error::{ErrorKind, UnknownTokenErrorData},
};

use super::lifetime::{ACCESS_TOKEN_MS, duration};
use crate::{error::ApiError, extract::Ruma};

pub(crate) async fn handle(State(engine): State<Engine>, Ruma(request): Ruma<Request>) -> Result<Ruma<Response>, ApiError> {
    let refresh_token = TokenHash::of(&request.refresh_token);
    let user_id = views::accounts::user_by_refresh_token(&*engine.rows(), refresh_token)?.ok_or_else(|| {
        let kind = ErrorKind::UnknownToken(UnknownTokenErrorData::new());
        Rejection::new(401, kind, "That refresh token does not count (any more). Log in again.")
    })?;
    let command = RefreshSession { user_id, refresh_token, lifetime_ms: ACCESS_TOKEN_MS };
    let opened = engine.submit(command).await?;
    let mut response = Response::new(opened.access_token);
    response.refresh_token = opened.refresh_token;
    response.expires_in_ms = duration(opened.lifetime_ms);
    Ok(Ruma(response))
}
