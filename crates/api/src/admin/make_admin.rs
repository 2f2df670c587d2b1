//! `PUT /_matrix/client/unstable/org.hearth.admin/admins/{userId}`: makes an account an admin. The part before the colon will do.

use axum::{Json, extract::State};
use domain::directory::MakeAdmin;
use engine::Engine;
use serde_json::{Value, json};

use super::{acting::Acting, named::Named};
use crate::error::ApiError;

pub(crate) async fn handle(
    State(engine): State<Engine>,
    Acting(by): Acting,
    Named(user_id): Named,
) -> Result<Json<Value>, ApiError> {
    engine.submit(MakeAdmin { by, user_id: user_id.clone() }).await?;
    Ok(Json(json!({ "user_id": user_id })))
}
