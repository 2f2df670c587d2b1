//! `GET /_matrix/client/unstable/org.hearth.admin/log`: how long the log is, how it grows, and its newest checkpoint.

use axum::Json;

use super::{acting::Acting, asked_host::AskedHost};
use crate::{error::ApiError, host::LogStanding};

pub(crate) async fn handle(_: Acting, AskedHost(host): AskedHost) -> Result<Json<LogStanding>, ApiError> {
    Ok(Json(host.log().await?))
}
