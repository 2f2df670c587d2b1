//! `POST /_matrix/client/v3/refresh`

use std::sync::Arc;

use axum::extract::State;
use domain::{
    Rejection,
    user::{RefreshSession, RefreshToken, Refreshed},
};
use engine::Engine;
use ruma::api::{
    client::session::refresh_token::v3::{Request, Response},
    error::{ErrorKind, UnknownTokenErrorData},
};

use super::lifetime::duration;
use crate::{app::ApiSettings, error::ApiError, extract::Ruma};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    State(settings): State<Arc<ApiSettings>>,
    Ruma(request): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    // The same words whether it never counted or counts no more.
    let unknown = || {
        let kind = ErrorKind::UnknownToken(UnknownTokenErrorData::new());
        Rejection::new(401, kind, "That refresh token does not count (any more). Log in again.")
    };
    let refresh_token = RefreshToken::of(&request.refresh_token);
    let user_id = views::accounts::user_by_refresh_token(&*engine.rows(), &refresh_token)?.ok_or_else(unknown)?;
    let lifetime_ms = settings.access_token_lifetime_ms;
    let opened = match engine.submit(RefreshSession { user_id, refresh_token, lifetime_ms }).await? {
        Refreshed::Tokens(opened) => opened,
        Refreshed::Closed => return Err(unknown().into()),
    };
    let mut response = Response::new(opened.access_token);
    response.refresh_token = opened.refresh_token;
    response.expires_in_ms = duration(opened.lifetime_ms);
    Ok(Ruma(response))
}
