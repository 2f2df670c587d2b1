//! `DELETE /_matrix/client/unstable/org.hearth.admin/invites/{inviteId}`

use axum::{
    Json,
    extract::{Path, State},
};
use domain::directory::RevokeInvite;
use engine::Engine;
use serde_json::{Value, json};

use super::acting::Acting;
use crate::error::ApiError;

pub(crate) async fn handle(
    State(engine): State<Engine>,
    Acting(by): Acting,
    Path(id): Path<String>,
) -> Result<Json<Value>, ApiError> {
    engine.submit(RevokeInvite { by, id }).await?;
    Ok(Json(json!({})))
}
