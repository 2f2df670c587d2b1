//! `GET /_matrix/client/v3/profile/{userId}/{keyName}`

use std::collections::BTreeMap;

use axum::{Json, extract::State};
use domain::{
    Rejection,
    user::profile::{AVATAR_URL, DISPLAY_NAME},
};
use engine::Engine;
use ruma::api::client::profile::get_profile_field::v3::Request;
use serde_json::Value;

use crate::{error::ApiError, extract::Ruma, people::check_known};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    Ruma(request): Ruma<Request>,
) -> Result<Json<BTreeMap<String, Value>>, ApiError> {
    let rows = engine.rows();
    check_known(&*rows, &request.user_id)?;
    let field = request.field.to_string();
    match views::accounts::profile_field(&*rows, &request.user_id, &field)? {
        Some(value) => Ok(Json(BTreeMap::from([(field, value)]))),
        // Clients of all ages take an empty object for "has none" of these two.
        None if [DISPLAY_NAME, AVATAR_URL].contains(&field.as_str()) => Ok(Json(BTreeMap::new())),
        None => Err(Rejection::not_found("The profile has no such field.").into()),
    }
}
