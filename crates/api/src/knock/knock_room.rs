//! `POST /_matrix/client/v3/knock/{roomIdOrAlias}`

use axum::extract::State;
use domain::room::MembershipAction;
use engine::Engine;
use ruma::api::client::knock::knock_room::v3::{Request, Response};

use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
    membership::change::change_own,
    room_name::resolve,
};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    Ruma(request): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    let room_id = resolve(&*engine.rows(), &request.room_id_or_alias)?;
    change_own(&engine, sender, room_id.clone(), MembershipAction::Knock, request.reason).await?;
    Ok(Ruma(Response::new(room_id)))
}
