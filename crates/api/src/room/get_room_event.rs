//! `GET /_matrix/client/v3/rooms/{roomId}/event/{eventId}`

use axum::extract::State;
use engine::Engine;
use ruma::api::client::room::get_room_event::v3::{Request, Response};

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
    let entry = reader.event(&request.event_id)?;
    Ok(Ruma(Response::new(reader.render(&entry)?)))
}
