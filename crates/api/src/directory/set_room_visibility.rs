//! `PUT /_matrix/client/v3/directory/list/room/{roomId}`

use axum::extract::State;
use domain::{Rejection, Stream, directory::ListRoom};
use engine::Engine;
use ruma::{
    api::client::{
        directory::set_room_visibility::v3::{Request, Response},
        room::Visibility,
    },
    events::StateEventType,
};

use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
    room_power::may_set,
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
    {
        let rows = engine.rows();
        if views::rooms::newest_position(&*rows, &request.room_id)?.is_none() {
            return Err(Rejection::not_found("There is no such room.").into());
        }
        // Whoever may give the room its main address may list it.
        if !may_set(&*rows, &sender, &request.room_id, StateEventType::RoomCanonicalAlias)? {
            return Err(Rejection::forbidden("You lack the power to list this room.").into());
        }
    }
    engine.submit(Stream::Directory, ListRoom { room_id: request.room_id, is_listed }).await?;
    Ok(Ruma(Response::new()))
}
