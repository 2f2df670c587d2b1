//! `GET /_matrix/client/v3/directory/list/room/{roomId}`

use axum::extract::State;
use engine::Engine;
use ruma::api::client::{
    directory::get_room_visibility::v3::{Request, Response},
    room::Visibility,
};

use crate::{error::ApiError, extract::Ruma};

pub(crate) async fn handle(State(engine): State<Engine>, Ruma(request): Ruma<Request>) -> Result<Ruma<Response>, ApiError> {
    // A room that does not exist is answered for as one that is not listed: nobody is told whether there is one.
    let is_listed = views::aliases::is_listed(&*engine.rows(), &request.room_id)?;
    Ok(Ruma(Response::new(if is_listed { Visibility::Public } else { Visibility::Private })))
}
