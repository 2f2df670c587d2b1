//! `POST /_matrix/client/v3/publicRooms`

use axum::extract::State;
use engine::Engine;
use ruma::api::client::directory::get_public_rooms_filtered::v3::{Request, Response};

use super::list::page;
use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    _: Sender,
    Ruma(request): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    let page = engine.read_public(|rows| page(rows, request.limit, request.since.as_deref(), &request.filter)).await?;
    let mut response = Response::new();
    response.chunk = page.chunk;
    response.next_batch = page.next_batch;
    response.prev_batch = page.prev_batch;
    response.total_room_count_estimate = Some(page.total);
    Ok(Ruma(response))
}
