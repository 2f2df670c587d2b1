//! `POST /_matrix/client/unstable/org.hearth.reset/link`: whose password a reset link sets, `{"token"}` → `{"user_id", "expires_at_ms"}`.
//! The link is as good afterwards as it was before.

use axum::Json;
use serde::Deserialize;
use serde_json::{Value, json};

use super::reset_link::ResetLinks;
use crate::{body::Body, error::ApiError};

#[derive(Deserialize)]
pub(crate) struct Asked {
    token: String,
}

pub(crate) async fn handle(links: ResetLinks, Body(asked): Body<Asked>) -> Result<Json<Value>, ApiError> {
    let link = links.counting(&asked.token)?;
    Ok(Json(json!({ "user_id": link.user_id, "expires_at_ms": link.expires_at_ms })))
}
