//! `POST /_matrix/client/v3/join/{roomIdOrAlias}`

use axum::extract::State;
use domain::room::MembershipAction;
use engine::Engine;
use ruma::api::client::membership::join_room_by_id_or_alias::v3::{Request, Response};

use super::change::change_own;
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
    change_own(&engine, sender, room_id.clone(), MembershipAction::Join, request.reason).await?;
    Ok(Ruma(Response::new(room_id)))
}
