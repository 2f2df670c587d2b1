//! `POST /_matrix/client/unstable/org.hearth.admin/log/verification`: begins to verify the whole log. One verification runs at a time;
//! whoever asks for another one is told of that one.

use axum::Json;

use super::{acting::Acting, asked_host::AskedHost};
use crate::{error::ApiError, host::Verification};

pub(crate) async fn handle(_: Acting, AskedHost(host): AskedHost) -> Result<Json<Verification>, ApiError> {
    Ok(Json(host.verify()))
}
