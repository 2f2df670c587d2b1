//! `PUT /_matrix/client/v3/profile/{userId}/{keyName}`

use std::collections::BTreeMap;

use axum::{
    Json,
    extract::{Path, State},
};
use domain::{
    Rejection,
    user::{
        SetProfileField,
        profile::{AVATAR_URL, DISPLAY_NAME},
    },
};
use engine::Engine;
use ruma::{OwnedUserId, api::error::ErrorKind};
use serde_json::{Map, Value};

use crate::{body::Body, error::ApiError, extract::Sender, path_checks::check_own};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    Path((user_id, field)): Path<(String, String)>,
    Body(mut body): Body<Map<String, Value>>,
) -> Result<Json<BTreeMap<String, Value>>, ApiError> {
    let user_id = OwnedUserId::try_from(user_id).map_err(|_| Rejection::invalid_param("That is not a user id."))?;
    check_own(&sender, &user_id)?;
    let is_basic = [DISPLAY_NAME, AVATAR_URL].contains(&field.as_str());
    let value = match body.remove(&field) {
        // Clients unset a name or an avatar by leaving it out, by null, and by an empty text.
        None | Some(Value::Null) if is_basic => None,
        Some(Value::String(text)) if is_basic && text.is_empty() => None,
        None => {
            return Err(Rejection::new(400, ErrorKind::MissingParam, "The body lacks the field that the path names.").into());
        }
        value => value,
    };
    engine.submit(SetProfileField { user_id, field, value }).await?;
    Ok(Json(BTreeMap::new()))
}
