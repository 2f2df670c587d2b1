//! `POST /_matrix/client/v3/room_keys/version`

use axum::extract::State;
use domain::backup::CreateBackup;
use engine::Engine;
use ruma::api::client::backup::create_backup_version::v3::{Request, Response};

use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    Ruma(request): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    let version = engine.submit(CreateBackup { user_id: sender.user_id, info: request.algorithm }).await?;
    Ok(Ruma(Response::new(version.to_string())))
}
