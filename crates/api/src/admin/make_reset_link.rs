//! `POST /_matrix/client/unstable/org.hearth.admin/users/{userId}/reset_link`: makes a link by which the owner of an account sets a new
//! password. The answer, `{"user_id", "token", "link", "expires_at_ms"}`, is the only place that ever has the token.

use std::sync::Arc;

use axum::{Json, extract::State};
use domain::user::admin::MakeResetLink;
use engine::Engine;
use serde_json::{Value, json};

use super::{acting::Acting, named::Named};
use crate::{app::ApiSettings, error::ApiError};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    State(settings): State<Arc<ApiSettings>>,
    Acting(by): Acting,
    Named(user_id): Named,
) -> Result<Json<Value>, ApiError> {
    let made = engine.submit(MakeResetLink { by, user_id: user_id.clone() }).await?;
    let link = settings.reset_link(&made.token);
    Ok(Json(json!({ "user_id": user_id, "token": made.token, "link": link, "expires_at_ms": made.expires_at_ms })))
}
