//! `GET /_matrix/client/v3/rooms/{roomId}/aliases`

use axum::extract::State;
use engine::Engine;
use ruma::api::client::room::aliases::v3::{Request, Response};

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
    RoomReader::open(&*rows, &sender, &request.room_id)?;
    Ok(Ruma(Response::new(views::aliases::aliases_of(&*rows, &request.room_id)?)))
}
