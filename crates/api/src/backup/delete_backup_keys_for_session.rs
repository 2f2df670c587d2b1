//! `DELETE /_matrix/client/v3/room_keys/keys/{roomId}/{sessionId}`

use axum::extract::State;
use domain::backup::Scope;
use engine::Engine;
use ruma::api::client::backup::delete_backup_keys_for_session::v3::{Request, Response};

use super::stored_keys::delete;
use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    Ruma(request): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    let (etag, count) =
        delete(&engine, sender, request.version, Scope::Session(request.room_id, request.session_id)).await?;
    Ok(Ruma(Response::new(etag, count)))
}
