//! `GET /_matrix/client/v3/room_keys/version/{version}`

use axum::extract::State;
use engine::Engine;
use ruma::api::client::backup::get_backup_info::v3::{Request, Response};

use super::stored_keys::{NO_BACKUP, count};
use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    Ruma(request): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    let found = views::backup::backup(&*engine.rows(), &sender.user_id, &request.version)?;
    let backup = found.ok_or_else(|| domain::Rejection::not_found(NO_BACKUP))?;
    let (etag, version) = (backup.totals.etag.to_string(), backup.version.to_string());
    Ok(Ruma(Response::new(backup.info, count(backup.totals), etag, version)))
}
