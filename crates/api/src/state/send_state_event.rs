//! `PUT /_matrix/client/v3/rooms/{roomId}/state/{eventType}/{stateKey}`

use axum::extract::State;
use domain::room::{SetState, content_of};
use engine::Engine;
use ruma::api::client::state::send_state_event::v3::{Request, Response};

use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    Ruma(request): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    let Request { room_id, event_type, state_key, body, .. } = request;
    let content = content_of(body.json())?;
    let command = SetState { room_id, sender: sender.user_id, event_type, state_key, content };
    let event_id = engine.submit(command).await?;
    Ok(Ruma(Response::new(event_id)))
}
