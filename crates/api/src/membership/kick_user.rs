//! `POST /_matrix/client/v3/rooms/{roomId}/kick`

use axum::extract::State;
use domain::room::MembershipAction;
use engine::Engine;
use ruma::api::client::membership::kick_user::v3::{Request, Response};

use super::change::change_other;
use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    Ruma(request): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    let Request { room_id, user_id, reason, .. } = request;
    change_other(&engine, sender, room_id, user_id, MembershipAction::Kick, reason).await?;
    Ok(Ruma(Response::new()))
}
