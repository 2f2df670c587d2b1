//! `PUT /_matrix/client/v3/user/{userId}/rooms/{roomId}/account_data/{type}`

use axum::extract::State;
use domain::{Rejection, Stream, user::data::SetAccountData};
use engine::Engine;
use ruma::api::client::config::set_room_account_data::v3::{Request, Response};

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
    // People keep data on rooms that they have left, but not on rooms they never had to do with.
    if views::membership::member(&*engine.rows(), &request.room_id, &sender.user_id)?.is_none() {
        return Err(Rejection::forbidden("You are not in this room.").into());
    }
    let command = SetAccountData {
        room_id: Some(request.room_id),
        event_type: request.event_type.to_string(),
        content: request.data.into_json(),
    };
    engine.submit(Stream::User(sender.user_id), command).await?;
    Ok(Ruma(Response::new()))
}
