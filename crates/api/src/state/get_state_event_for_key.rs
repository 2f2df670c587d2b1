//! `GET /_matrix/client/v3/rooms/{roomId}/state/{eventType}/{stateKey}`

use axum::extract::State;
use domain::Rejection;
use engine::Engine;
use ruma::{
    api::client::state::get_state_event_for_key::v3::{Request, Response, StateEventFormat},
    events::AnyStateEvent,
    serde::Raw,
};

use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
    reader::RoomReader,
};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    Ruma(request): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    let rows = engine.rows();
    let reader = RoomReader::open(&*rows, &sender, &request.room_id)?;
    let entry = reader
        .state_event(&request.event_type.to_string(), &request.state_key)?
        .ok_or_else(|| Rejection::not_found("The room has no such state."))?;
    let json = if request.format == StateEventFormat::Event {
        let event: Raw<AnyStateEvent> = reader.render_state(&entry)?;
        event.into_json()
    } else {
        entry.1.content
    };
    Ok(Ruma(Response::new(json)))
}
