//! `GET /_matrix/client/v3/user/{userId}/rooms/{roomId}/account_data/{type}`

use axum::extract::State;
use engine::Engine;
use ruma::api::client::config::get_room_account_data::v3::{Request, Response};

use super::content::content;
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
    let event_type = request.event_type.to_string();
    Ok(Ruma(Response::new(content(&engine, &request.user_id, Some(&request.room_id), &event_type)?)))
}
