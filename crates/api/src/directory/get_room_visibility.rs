//! `GET /_matrix/client/v3/directory/list/room/{roomId}`

use axum::extract::State;
use domain::Rejection;
use engine::Engine;
use ruma::api::client::{
    directory::get_room_visibility::v3::{Request, Response},
    room::Visibility,
};

use crate::{error::ApiError, extract::Ruma};

pub(crate) async fn handle(State(engine): State<Engine>, Ruma(request): Ruma<Request>) -> Result<Ruma<Response>, ApiError> {
    let rows = engine.rows();
    if views::rooms::newest_position(&*rows, &request.room_id)?.is_none() {
        return Err(Rejection::not_found("There is no such room.").into());
    }
    let is_listed = views::aliases::is_listed(&*rows, &request.room_id)?;
    Ok(Ruma(Response::new(if is_listed { Visibility::Public } else { Visibility::Private })))
}
