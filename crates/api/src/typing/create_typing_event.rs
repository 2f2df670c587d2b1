//! `PUT /_matrix/client/v3/rooms/{roomId}/typing/{userId}`

use axum::extract::State;
use engine::Engine;
use ruma::api::client::typing::create_typing_event::v3::{Request, Response, Typing};

use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
    path_checks::{check_joined, check_own},
};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    Ruma(request): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    check_own(&sender, &request.user_id)?;
    let rows = engine.rows();
    check_joined(&*rows, &sender, &request.room_id)?;
    let ephemeral = engine.ephemeral();
    match request.state {
        Typing::Yes(info) => {
            let members = views::membership::joined_members(&*rows, &request.room_id)?;
            ephemeral.start_typing(&request.room_id, &sender.user_id, info.timeout, members);
        }
        Typing::No => ephemeral.stop_typing(&request.room_id, &sender.user_id),
    }
    Ok(Ruma(Response::new()))
}
