//! `PUT /_matrix/client/v3/room_keys/keys`

use axum::extract::State;
use engine::Engine;
use ruma::api::client::backup::add_backup_keys::v3::{Request, Response};

use super::stored_keys::store;
use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    Ruma(request): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    let rooms = request.rooms.into_iter().map(|(room_id, room)| (room_id, room.sessions)).collect();
    let (etag, count) = store(&engine, sender, request.version, rooms).await?;
    Ok(Ruma(Response::new(etag, count)))
}
