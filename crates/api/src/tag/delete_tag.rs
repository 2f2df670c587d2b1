//! `DELETE /_matrix/client/v3/user/{userId}/rooms/{roomId}/tags/{tag}`

use axum::extract::State;
use domain::user::data::SetTag;
use engine::Engine;
use ruma::api::client::tag::delete_tag::v3::{Request, Response};

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
    let command = SetTag { user_id: sender.user_id, room_id: request.room_id, tag: request.tag, info: None };
    engine.submit(command).await?;
    Ok(Ruma(Response::new()))
}
