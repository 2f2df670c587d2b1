//! `GET /_matrix/client/v3/account/3pid`

use axum::{Json, extract::State};
use engine::Engine;
use ruma::api::client::account::get_3pids::v3::Request;
use serde_json::{Value, json};

use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    Ruma(_): Ruma<Request>,
) -> Result<Json<Value>, ApiError> {
    let rows = engine.rows();
    let mut identifiers = Vec::new();
    for row in views::accounts::emails(&*rows, &sender.user_id)? {
        let verified_at_ms = views::accounts::email_verified_at(&*rows, &sender.user_id, &row.email)?;
        identifiers.push(json!({
            "medium": "email",
            "address": row.email,
            "added_at": row.added_at_ms,
            // The specification has no "not verified"; the moment of adding stands for both then.
            "validated_at": verified_at_ms.unwrap_or(row.added_at_ms),
            "org.hearth.confirmed": verified_at_ms.is_some(),
        }));
    }
    Ok(Json(json!({ "threepids": identifiers })))
}
