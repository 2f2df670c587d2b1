//! `POST /_matrix/client/v3/rooms/{roomId}/join`

use axum::extract::State;
use domain::room::MembershipAction;
use engine::Engine;
use ruma::api::client::membership::join_room_by_id::v3::{Request, Response};

use super::change::change_own;
use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    Ruma(request): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    change_own(&engine, sender, request.room_id.clone(), MembershipAction::Join, request.reason).await?;
    Ok(Ruma(Response::new(request.room_id)))
}
