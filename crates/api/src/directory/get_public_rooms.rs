//! `GET /_matrix/client/v3/publicRooms`

use axum::extract::State;
use engine::Engine;
use ruma::{
    api::client::directory::get_public_rooms::v3::{Request, Response},
    directory::Filter,
};

use super::list::page;
use crate::{error::ApiError, extract::Ruma};

pub(crate) async fn handle(State(engine): State<Engine>, Ruma(request): Ruma<Request>) -> Result<Ruma<Response>, ApiError> {
    let page = engine.read_public(|rows| page(rows, request.limit, request.since.as_deref(), &Filter::new())).await?;
    let mut response = Response::new(page.chunk);
    response.next_batch = page.next_batch;
    response.prev_batch = page.prev_batch;
    response.total_room_count_estimate = Some(page.total);
    Ok(Ruma(response))
}
