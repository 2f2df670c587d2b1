//! `PUT /_matrix/client/unstable/org.hearth.expiry/rooms/{roomId}/event/{eventId}`
//!
//! `{"expires_after_ms": N}`, 0 to 86,400,000: the sender of a message says when it has had its use. From then on it is as
//! if it had never been sent. The answer is `{"expires_at_ms": T}`, the moment that counts: said twice, the earlier one.

use axum::{
    Json,
    extract::{Path, State},
};
use domain::{Fact, Rejection, Stream, room::SetExpiry};
use engine::Engine;
use ruma::{OwnedEventId, OwnedRoomId};
use serde::Deserialize;
use serde_json::{Value, json};
use views::{membership::may_see, rooms::entry_of};

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
    let position = {
        let rows = engine.rows();
        let (position, row) = entry_of(&*rows, &room_id, &event_id)?.ok_or_else(none)?;
        // Whoever may not see it is not told that it exists.
        if row.sender != sender.user_id && !may_see(&*rows, &room_id, &sender.user_id, position)? {
            return Err(none().into());
        }
        position
    };
    // A redacted message has nothing left that could expire.
    let Some(Fact::PduAdded(added)) = engine.fact_at(position)? else {
        return Err(Rejection::not_found("The event has been redacted.").into());
    };
    let command = SetExpiry { sender: sender.user_id, position, added, expires_after_ms: set.expires_after_ms };
    let expires_at_ms = engine.submit(Stream::Room(room_id), command).await?;
    Ok(Json(json!({ "expires_at_ms": expires_at_ms })))
}
