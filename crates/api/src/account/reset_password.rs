//! `POST /_matrix/client/unstable/org.hearth.reset/password`: sets a new password by a reset link, and uses the link up.
//!
//! `{"token", "new_password", "logout_devices"}`; all sessions of the account are ended unless the last is false. Keys are left as they are,
//! and the answer says so: `{"user_id", "ended_sessions", "keys": "unchanged"}`.

use axum::{Json, extract::State};
use domain::user::admin::ResetPassword;
use engine::Engine;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    password_length::check_password,
    reset_link::{Counting, ResetLinks},
};
use crate::{body::Body, error::ApiError};

#[derive(Deserialize)]
pub(crate) struct Wanted {
    token: String,
    new_password: String,
    #[serde(default = "yes")]
    logout_devices: bool,
}

fn yes() -> bool {
    true
}

pub(crate) async fn handle(
    State(engine): State<Engine>,
    links: ResetLinks,
    Body(wanted): Body<Wanted>,
) -> Result<Json<Value>, ApiError> {
    let Wanted { token, new_password, logout_devices } = wanted;
    let Counting { user_id, by, .. } = links.counting(&token)?;
    // A password that is too short costs the link nothing.
    check_password(&new_password)?;
    let phc = engine.passwords().hash(new_password).await?;
    let ended = engine.submit(ResetPassword { user_id: user_id.clone(), by, phc, logout_devices }).await?;
    Ok(Json(json!({ "user_id": user_id, "ended_sessions": ended, "keys": "unchanged" })))
}
