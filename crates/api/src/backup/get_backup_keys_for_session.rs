//! `GET /_matrix/client/v3/room_keys/keys/{roomId}/{sessionId}`

use axum::extract::State;
use domain::{Rejection, backup::Scope};
use engine::Engine;
use ruma::api::client::backup::get_backup_keys_for_session::v3::{Request, Response};

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
    let scope = Scope::Session(request.room_id.clone(), request.session_id.clone());
    let mut rooms = keys(&engine, &sender, &request.version, &scope).await?;
    let session = rooms.get_mut(&request.room_id).and_then(|sessions| sessions.remove(&request.session_id));
    let session = session.ok_or_else(|| Rejection::not_found("The backup has no such session."))?;
    Ok(Ruma(Response::new(session)))
}
