//! `GET /_matrix/client/v3/room_keys/keys`

use axum::extract::State;
use domain::backup::Scope;
use engine::Engine;
use ruma::api::client::backup::{
    RoomKeyBackup,
    get_backup_keys::v3::{Request, Response},
};

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
    let rooms = keys(&engine, &sender, &request.version, &Scope::All).await?;
    let rooms = rooms.into_iter().map(|(room_id, sessions)| (room_id, RoomKeyBackup::new(sessions)));
    Ok(Ruma(Response::new(rooms.collect())))
}
