//! `PUT /_matrix/client/unstable/org.hearth.expiry/rooms/{roomId}/event/{eventId}`
//!
//! `{"expires_after_ms": N}`, 0 to 86,400,000: the sender of a message says when it has had its use. From then on it is as
//! if it had never been sent. The answer is `{"expires_at_ms": T}`, the moment that counts: said twice, the earlier one.

use axum::{
    Json,
    extract::{Path, State},
};
use domain::{Rejection, room::SetExpiry};
use engine::Engine;
use ruma::{OwnedEventId, OwnedRoomId};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{body::Body, error::ApiError, extract::Sender};

#[derive(Deserialize)]
pub(crate) struct Set {
    expires_after_ms: u64,
}

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    Path((room_id, event_id)): Path<(String, String)>,
    Body(set): Body<Set>,
) -> Result<Json<Value>, ApiError> {
    let none = || Rejection::not_found("There is no such event.");
    let room_id = OwnedRoomId::try_from(room_id).map_err(|_| none())?;
    let event_id = OwnedEventId::try_from(event_id).map_err(|_| none())?;
    let command = SetExpiry { room_id, sender: sender.user_id, event_id, expires_after_ms: set.expires_after_ms };
    let expires_at_ms = engine.submit(command).await?;
    Ok(Json(json!({ "expires_at_ms": expires_at_ms })))
}
