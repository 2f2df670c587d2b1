//! `POST /_matrix/client/v3/join/{roomIdOrAlias}`

use axum::extract::State;
use engine::Engine;
use ruma::api::client::membership::join_room_by_id_or_alias::v3::{Request, Response};

use super::change::join;
use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
    room_name::resolve,
};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    Ruma(request): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    let room_id = resolve(&*engine.rows(), &request.room_id_or_alias)?;
    join(&engine, sender, room_id.clone(), request.reason).await?;
    Ok(Ruma(Response::new(room_id)))
}
