//! `GET /_matrix/client/v3/voip/turnServer`

use std::sync::Arc;

use axum::{Json, extract::State};
use ruma::api::client::voip::get_turn_server_info::v3::Request;
use serde_json::{Value, json};

use crate::{
    app::ApiSettings,
    error::ApiError,
    extract::{Ruma, Sender},
};

/// How long a client may use the answer, in seconds.
const TTL_S: u64 = 86_400;

pub(crate) async fn handle(
    State(settings): State<Arc<ApiSettings>>,
    _: Sender,
    Ruma(_): Ruma<Request>,
) -> Result<Json<Value>, ApiError> {
    // Without an address an empty object is what clients know as "there is no such server".
    if settings.turn_uris.is_empty() {
        return Ok(Json(json!({})));
    }
    Ok(Json(json!({ "username": "", "password": "", "uris": settings.turn_uris, "ttl": TTL_S })))
}
