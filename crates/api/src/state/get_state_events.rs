//! `GET /_matrix/client/v3/rooms/{roomId}/state`

use axum::extract::State;
use engine::Engine;
use ruma::api::client::state::get_state_events::v3::{Request, Response};

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
    engine
        .read(&sender.user_id, |rows| {
            let reader = RoomReader::open(rows, &sender, &request.room_id)?;
            let state = reader.state(None)?;
            let events = state.iter().map(|entry| reader.render_state(entry)).collect::<Result<_, _>>()?;
            Ok(Ruma(Response::new(events)))
        })
        .await
}
