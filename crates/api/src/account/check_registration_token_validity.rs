//! `GET /_matrix/client/v1/register/m.login.registration_token/validity`

use std::sync::Arc;

use axum::extract::State;
use engine::Engine;
use ruma::api::client::account::check_registration_token_validity::v1::{Request, Response};

use super::sign_up_token::counting_token;
use crate::{app::ApiSettings, error::ApiError, extract::Ruma};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    State(settings): State<Arc<ApiSettings>>,
    Ruma(request): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    Ok(Ruma(Response::new(counting_token(&engine, &settings, &request.token)?.is_some())))
}
