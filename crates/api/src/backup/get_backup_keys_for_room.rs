//! `GET /_matrix/client/v3/room_keys/keys/{roomId}`

use axum::extract::State;
use domain::backup::Scope;
use engine::Engine;
use ruma::api::client::backup::get_backup_keys_for_room::v3::{Request, Response};

use super::stored_keys::keys;
use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    Ruma(request): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    let mut rooms = keys(&engine, &sender, &request.version, &Scope::Room(request.room_id.clone())).await?;
    Ok(Ruma(Response::new(rooms.remove(&request.room_id).unwrap_or_default())))
}
