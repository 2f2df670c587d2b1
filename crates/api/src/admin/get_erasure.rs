//! `GET /_matrix/client/unstable/org.hearth.admin/users/{userId}/erasure`: how far the erasure of an account is, `{"user_id", "state"}` with the
//! state `none`, `erasing`, `purging` or `done`; and once that is so the signed `receipt`.

use axum::{Json, extract::State};
use serde_json::{Value, json};

use super::{acting::Acting, named::Named};
use crate::{error::ApiError, receipts::Receipts};

pub(crate) async fn handle(
    State(receipts): State<Receipts>,
    Acting(_): Acting,
    Named(user_id): Named,
) -> Result<Json<Value>, ApiError> {
    let mut answer = json!(receipts.erasure(user_id.clone()).await?);
    answer["user_id"] = json!(user_id);
    Ok(Json(answer))
}
