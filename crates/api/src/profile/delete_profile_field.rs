//! `DELETE /_matrix/client/v3/profile/{userId}/{keyName}`

use axum::extract::State;
use engine::Engine;
use ruma::api::client::profile::delete_profile_field::v3::{Request, Response};

use super::change::set;
use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
    own::check_own,
};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    Ruma(request): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    check_own(&sender, &request.user_id)?;
    set(&engine, &request.user_id, request.field.to_string(), None).await?;
    Ok(Ruma(Response::new()))
}
