//! `DELETE /_matrix/client/v3/directory/room/{roomAlias}`

use axum::extract::State;
use domain::{Rejection, Stream, directory::RemoveAlias};
use engine::Engine;
use ruma::{
    OwnedRoomId, RoomAliasId,
    api::client::alias::delete_alias::v3::{Request, Response},
    events::StateEventType,
};
use views::Rows;

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
    let powerful_in = powerful_in(&*engine.rows(), &sender, &request.room_alias)?;
    let command = RemoveAlias { sender: sender.user_id, alias: request.room_alias, powerful_in };
    engine.submit(Stream::Directory, command).await?;
    Ok(Ruma(Response::new()))
}

/// The room of the address, if the sender has the power to change its main address.
fn powerful_in(rows: &dyn Rows, sender: &Sender, alias: &RoomAliasId) -> Result<Option<OwnedRoomId>, ApiError> {
    let target =
        views::aliases::target_of(rows, alias)?.ok_or_else(|| Rejection::not_found("There is no such room address."))?;
    let may = may_set(rows, sender, &target.room_id, StateEventType::RoomCanonicalAlias)?;
    Ok(may.then_some(target.room_id))
}
