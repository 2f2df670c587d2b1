//! `POST /_matrix/client/unstable/org.hearth.admin/users/{userId}/deactivate`: closes an account for ever. `{"erase": true}` forgets what
//! can be forgotten of its owner as well.

use axum::{Json, extract::State};
use domain::user::admin::DeactivateByAdmin;
use engine::Engine;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{acting::Acting, named::Named};
use crate::{body::Body, error::ApiError};

#[derive(Deserialize)]
pub(crate) struct Wanted {
    #[serde(default)]
    erase: bool,
}

pub(crate) async fn handle(
    State(engine): State<Engine>,
    Acting(by): Acting,
    Named(user_id): Named,
    Body(Wanted { erase }): Body<Wanted>,
) -> Result<Json<Value>, ApiError> {
    engine.submit(DeactivateByAdmin { by, user_id: user_id.clone(), erase }).await?;
    Ok(Json(json!({ "user_id": user_id })))
}
