//! `PUT /_matrix/client/v3/user/{userId}/rooms/{roomId}/tags/{tag}`

use axum::extract::State;
use domain::{Rejection, user::data::SetTag};
use engine::Engine;
use ruma::api::client::tag::create_tag::v3::{Request, Response};
use serde_json::Value;

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
    let Ok(Value::Object(info)) = serde_json::to_value(&request.tag_info) else {
        return Err(Rejection::bad_json("A tag is a JSON object.").into());
    };
    let command = SetTag { user_id: sender.user_id, room_id: request.room_id, tag: request.tag, info: Some(info) };
    engine.submit(command).await?;
    Ok(Ruma(Response::new()))
}
