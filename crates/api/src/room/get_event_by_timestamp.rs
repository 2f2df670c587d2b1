//! `GET /_matrix/client/v1/rooms/{roomId}/timestamp_to_event`

use axum::extract::State;
use domain::Rejection;
use engine::Engine;
use ruma::{
    MilliSecondsSinceUnixEpoch, UInt,
    api::{
        Direction,
        client::room::get_event_by_timestamp::v1::{Request, Response},
    },
};
use views::rooms::{Entry, nearest_to_time};

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
    let forwards = request.dir == Direction::Forward;
    let is_shown = |entry: &Entry| reader.sight.may_see(entry);
    let found = nearest_to_time(&*rows, &request.room_id, request.ts.0.into(), forwards, is_shown)?
        .ok_or_else(|| Rejection::not_found("There is no event that you may see on that side of that moment."))?;
    let (_, row) = found;
    let time = MilliSecondsSinceUnixEpoch(UInt::try_from(row.origin_server_ts).unwrap_or(UInt::MAX));
    Ok(Ruma(Response::new(row.event_id, time)))
}
