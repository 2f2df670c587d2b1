//! `GET /_matrix/client/unstable/org.hearth.admin/log/verification`: how far it has come, and what came of it.

use axum::Json;

use super::{acting::Acting, asked_host::AskedHost};
use crate::{error::ApiError, host::Verification};

pub(crate) async fn handle(_: Acting, AskedHost(host): AskedHost) -> Result<Json<Verification>, ApiError> {
    Ok(Json(host.verification()))
}
