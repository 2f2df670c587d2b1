//! `DELETE /_matrix/client/v3/room_keys/version/{version}`

use axum::extract::State;
use domain::backup::DeleteBackup;
use engine::Engine;
use ruma::api::client::backup::delete_backup_version::v3::{Request, Response};

use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    Ruma(request): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    engine.submit(DeleteBackup { user_id: sender.user_id, version: request.version }).await?;
    Ok(Ruma(Response::new()))
}
