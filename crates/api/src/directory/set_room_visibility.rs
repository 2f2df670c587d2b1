//! `PUT /_matrix/client/v3/directory/list/room/{roomId}`

use axum::extract::State;
use domain::{Rejection, directory::ListRoom};
use engine::Engine;
use ruma::api::client::{
    directory::set_room_visibility::v3::{Request, Response},
    room::Visibility,
};

use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    Ruma(request): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    let is_listed = match request.visibility {
        Visibility::Public => true,
        Visibility::Private => false,
        _ => return Err(Rejection::invalid_param("A room is public or private.").into()),
    };
    engine.submit(ListRoom { sender: sender.user_id, room_id: request.room_id, is_listed }).await?;
    Ok(Ruma(Response::new()))
}
