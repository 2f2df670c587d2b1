//! `POST /_matrix/client/unstable/org.hearth.admin/invites`
//!
//! `{"uses": N, "expires_after_ms": N, "note": "…"}`, each of which may be left out: one account, a week, no note. The answer,
//! `{"id", "token", "link", "expires_at_ms"}`, is the only place that ever has the token.

use std::sync::Arc;

use axum::{Json, extract::State};
use domain::{Rejection, directory::MakeInvite};
use engine::Engine;
use serde::Deserialize;
use serde_json::{Value, json};

use super::acting::Acting;
use crate::{
    app::{ApiSettings, Registration},
    body::Body,
    error::ApiError,
};

/// How long an invite is open of which nobody says it, milliseconds: a week.
const WEEK_MS: u64 = 7 * 24 * 60 * 60 * 1_000;

#[derive(Deserialize)]
pub(crate) struct Wanted {
    uses: Option<u32>,
    expires_after_ms: Option<u64>,
    note: Option<String>,
}

pub(crate) async fn handle(
    State(engine): State<Engine>,
    State(settings): State<Arc<ApiSettings>>,
    Acting(by): Acting,
    Body(wanted): Body<Wanted>,
) -> Result<Json<Value>, ApiError> {
    if settings.registration == Registration::Closed {
        let closed = "Nobody can sign up here, with an invite either: the setting registration.mode is \"closed\". Set it to \
                      \"invite\" and start the server again.";
        return Err(Rejection::forbidden(closed).into());
    }
    let command = MakeInvite {
        by,
        uses_max: wanted.uses.unwrap_or(1),
        expires_after_ms: wanted.expires_after_ms.unwrap_or(WEEK_MS),
        note: wanted.note,
    };
    let made = engine.submit(command).await?;
    let link = settings.join_link(&made.token);
    Ok(Json(json!({ "id": made.id, "token": made.token, "link": link, "expires_at_ms": made.expires_at_ms })))
}
