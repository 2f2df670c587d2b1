//! `GET /_matrix/client/v1/register/m.login.registration_token/validity`

use std::sync::Arc;

use axum::extract::State;
use engine::Engine;
use ruma::api::client::account::check_registration_token_validity::v1::{Request, Response};

use super::register::valid_token;
use crate::{
    app::{ApiSettings, Registration},
    error::ApiError,
    extract::Ruma,
};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    State(settings): State<Arc<ApiSettings>>,
    Ruma(request): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    let is_valid = match &settings.registration {
        Registration::Invite(tokens) => valid_token(&engine, tokens, &request.token)?.is_some(),
        Registration::Open | Registration::Closed => false,
    };
    Ok(Ruma(Response::new(is_valid)))
}
