//! `GET /_matrix/client/v3/room_keys/keys/{roomId}`

use axum::{extract::State, response::Response};
use engine::Engine;
use ruma::api::client::backup::get_backup_keys_for_room::v3::Request;

use super::streamed::Keys;
use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    Ruma(request): Ruma<Request>,
) -> Result<Response, ApiError> {
    Keys::answer(engine, sender.user_id, &request.version, Some(request.room_id)).await
}
