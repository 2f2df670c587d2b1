//! `PUT /_matrix/client/v3/room_keys/version/{version}`

use axum::extract::State;
use domain::backup::UpdateBackup;
use engine::Engine;
use ruma::api::client::backup::update_backup_version::v3::{Request, Response};

use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    Ruma(request): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    let command = UpdateBackup { user_id: sender.user_id, version: request.version, info: request.algorithm };
    engine.submit(command).await?;
    Ok(Ruma(Response::new()))
}
