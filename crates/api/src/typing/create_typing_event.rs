//! `PUT /_matrix/client/v3/rooms/{roomId}/typing/{userId}`

use std::time::Duration;

use axum::extract::{Path, State};
use domain::Rejection;
use engine::Engine;
use ruma::{OwnedRoomId, OwnedUserId, api::client::typing::create_typing_event::v3::Response};
use serde::Deserialize;

use crate::{
    body::Body,
    error::ApiError,
    extract::{Ruma, Sender},
    path_checks::{check_joined, check_own},
};

/// How long somebody types whose client does not say.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Ruma's type asks for the time, which clients leave out.
#[derive(Deserialize)]
pub(crate) struct Typing {
    typing: bool,
    timeout: Option<u64>,
}

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    Path((room_id, user_id)): Path<(String, String)>,
    Body(typing): Body<Typing>,
) -> Result<Ruma<Response>, ApiError> {
    let named = |error| Rejection::invalid_param(format!("The path names no user and room: {error}."));
    check_own(&sender, &OwnedUserId::try_from(user_id).map_err(named)?)?;
    let room_id = OwnedRoomId::try_from(room_id).map_err(named)?;
    let rows = engine.rows();
    check_joined(&*rows, &sender, &room_id)?;
    let ephemeral = engine.ephemeral();
    if typing.typing {
        let members = views::membership::joined_members(&*rows, &room_id)?;
        let timeout = typing.timeout.map_or(TIMEOUT, Duration::from_millis);
        ephemeral.start_typing(&room_id, &sender.user_id, timeout, members);
    } else {
        ephemeral.stop_typing(&room_id, &sender.user_id);
    }
    Ok(Ruma(Response::new()))
}
