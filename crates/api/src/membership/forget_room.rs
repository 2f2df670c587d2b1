//! `POST /_matrix/client/v3/rooms/{roomId}/forget`

use axum::extract::State;
use domain::{Rejection, Stream, room::ForgetRoom};
use engine::Engine;
use ruma::{
    api::client::membership::forget_room::v3::{Request, Response},
    events::room::member::MembershipState,
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
    let (membership, is_forgotten) = {
        let rows = engine.rows();
        let membership = views::membership::membership_of(&*rows, &request.room_id, &sender.user_id)?;
        (membership, views::membership::is_forgotten(&*rows, &request.room_id, &sender.user_id)?)
    };
    if !matches!(membership, MembershipState::Leave | MembershipState::Ban) {
        return Err(Rejection::unknown("Leave the room before you forget it.").into());
    }
    if !is_forgotten {
        let stream = Stream::User(sender.user_id.clone());
        engine.submit(stream, ForgetRoom { user_id: sender.user_id, room_id: request.room_id }).await?;
    }
    Ok(Ruma(Response::new()))
}
