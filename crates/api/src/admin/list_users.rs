//! `GET /_matrix/client/unstable/org.hearth.admin/users`: the accounts, by their ids, a hundred at a time. `from` is the last one of the
//! page before, which the answer names as `next` when there are more.

use axum::{
    Json,
    extract::{Query, State},
};
use engine::Engine;
use ruma::UserId;
use serde::Deserialize;
use serde_json::{Value, json};

use super::acting::Acting;
use crate::error::ApiError;

/// How many accounts a page has.
const PAGE: usize = 100;

#[derive(Deserialize)]
pub(crate) struct Asked {
    from: Option<String>,
}

pub(crate) async fn handle(
    State(engine): State<Engine>,
    _: Acting,
    Query(asked): Query<Asked>,
) -> Result<Json<Value>, ApiError> {
    let rows = engine.rows();
    let mut accounts = views::accounts::accounts_after(&*rows, asked.from.as_deref(), PAGE + 1)?;
    let has_more = accounts.len() > PAGE;
    accounts.truncate(PAGE);
    let next = accounts.last().filter(|_| has_more).map(|(id, _)| id.clone());
    let mut users = Vec::with_capacity(accounts.len());
    for (id, account) in accounts {
        let (is_admin, is_locked) = match <&UserId>::try_from(id.as_str()) {
            Ok(user_id) => (views::accounts::is_admin(&*rows, user_id)?, views::accounts::is_locked(&*rows, user_id)?),
            Err(_) => (false, false),
        };
        users.push(json!({
            "user_id": id,
            "created_at_ms": account.created_at_ms,
            "is_admin": is_admin,
            "is_locked": is_locked,
            "is_deactivated": account.is_deactivated,
        }));
    }
    Ok(Json(json!({ "users": users, "next": next })))
}
