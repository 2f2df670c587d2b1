//! `PUT /_matrix/client/unstable/org.hearth.admin/admins/{userId}`: makes an account an admin. The part before the colon will do.

use axum::{
    Json,
    extract::{Path, State},
};
use domain::{Rejection, directory::MakeAdmin};
use engine::Engine;
use serde_json::{Value, json};

use super::acting::Acting;
use crate::{error::ApiError, uiaa::user_of_name};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    Acting(by): Acting,
    Path(name): Path<String>,
) -> Result<Json<Value>, ApiError> {
    let user_id = user_of_name(&engine, &name).ok_or_else(|| Rejection::not_found("There is no such account."))?;
    engine.submit(MakeAdmin { by, user_id: user_id.clone() }).await?;
    Ok(Json(json!({ "user_id": user_id })))
}
