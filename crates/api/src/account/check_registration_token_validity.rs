//! `GET /_matrix/client/v1/register/m.login.registration_token/validity`

use std::sync::Arc;

use axum::extract::State;
use ruma::api::client::account::check_registration_token_validity::v1::{Request, Response};

use super::register::is_token;
use crate::{
    app::{ApiSettings, Registration},
    error::ApiError,
    extract::Ruma,
};

pub(crate) async fn handle(
    State(settings): State<Arc<ApiSettings>>,
    Ruma(request): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    let is_valid = match &settings.registration {
        Registration::Invite(tokens) => is_token(tokens, &request.token),
        Registration::Open | Registration::Closed => false,
    };
    Ok(Ruma(Response::new(is_valid)))
}
