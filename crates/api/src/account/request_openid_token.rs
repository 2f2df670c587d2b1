//! `POST /_matrix/client/v3/user/{userId}/openid/request_token`, and what third parties ask with such a token:
//! `GET /_matrix/federation/v1/openid/userinfo`.

use std::time::Duration;

use axum::{
    Json,
    extract::{Query, State},
};
use domain::user::unknown_access_token;
use engine::Engine;
use ruma::{
    api::client::account::request_openid_token::v3::{Request, Response},
    authentication::TokenType,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::openid_token::{token, user_of};
use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
    path_checks::check_own,
};

/// How long a token can be shown.
const LIFETIME: Duration = Duration::from_secs(60 * 60);

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    Ruma(request): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    check_own(&sender, &request.user_id)?;
    let lifetime_ms = LIFETIME.as_secs() * 1_000;
    let expires_at_ms = u64::from(engine.now().0) + lifetime_ms;
    let token = token(&engine, sender.user_id.as_str(), expires_at_ms);
    Ok(Ruma(Response::new(token, TokenType::Bearer, engine.server_name().to_owned(), LIFETIME)))
}

#[derive(Deserialize)]
pub(crate) struct Shown {
    #[serde(default)]
    access_token: String,
}

/// Whose token it is.
pub(crate) async fn user_info(State(engine): State<Engine>, Query(shown): Query<Shown>) -> Result<Json<Value>, ApiError> {
    let user_id = user_of(&engine, &shown.access_token).ok_or_else(|| unknown_access_token(false))?;
    Ok(Json(json!({ "sub": user_id })))
}
