//! `DELETE /_matrix/client/v3/profile/{userId}/{keyName}`

use axum::extract::State;
use domain::user::SetProfileField;
use engine::Engine;
use ruma::api::client::profile::delete_profile_field::v3::{Request, Response};

use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
    path_checks::check_own,
};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    Ruma(request): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    check_own(&sender, &request.user_id)?;
    let field = request.field.to_string();
    engine.submit(SetProfileField { user_id: request.user_id, field, value: None }).await?;
    Ok(Ruma(Response::new()))
}
