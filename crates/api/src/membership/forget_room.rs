//! `POST /_matrix/client/v3/rooms/{roomId}/forget`

use axum::extract::State;
use domain::room::ForgetRoom;
use engine::Engine;
use ruma::api::client::membership::forget_room::v3::{Request, Response};

use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    Ruma(request): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    engine.submit(ForgetRoom { user_id: sender.user_id, room_id: request.room_id }).await?;
    Ok(Ruma(Response::new()))
}
