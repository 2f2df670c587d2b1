//! `POST /_matrix/client/v3/account/deactivate`

use axum::extract::State;
use domain::{
    directory::RemoveEmail,
    room::{ChangeMembership, MembershipAction},
    user::Deactivate,
};
use engine::Engine;
use ruma::{
    UserId,
    api::client::account::{
        ThirdPartyIdRemovalStatus,
        deactivate::v3::{Request, Response},
    },
    events::room::member::MembershipState,
};

use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
    limits::Limits,
    uiaa,
};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    State(limits): State<Limits>,
    sender: Sender,
    Ruma(request): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    uiaa::confirm(&engine, &limits, &sender, request.auth.as_ref()).await?;
    let user_id = sender.user_id;
    // The account is closed last: whoever is cut off halfway can log in and ask again.
    leave_rooms(&engine, &user_id).await?;
    engine.submit(RemoveEmail { user_id: user_id.clone(), email: None }).await?;
    engine.submit(Deactivate { user_id, erase: request.erase }).await?;
    Ok(Ruma(Response::new(ThirdPartyIdRemovalStatus::NoSupport)))
}

/// Leaves every room and turns down every invite. A room that cannot be left, such as one that bans, is left as it is.
async fn leave_rooms(engine: &Engine, user_id: &UserId) -> Result<(), ApiError> {
    let rooms = views::membership::rooms_of(&*engine.rows(), user_id)?;
    let is_in = [MembershipState::Join, MembershipState::Invite, MembershipState::Knock];
    for (room_id, _) in rooms.into_iter().filter(|(_, room)| is_in.contains(&room.membership)) {
        let command = ChangeMembership {
            room_id,
            sender: user_id.to_owned(),
            target: user_id.to_owned(),
            action: MembershipAction::Leave,
            reason: None,
        };
        match engine.submit(command).await {
            Ok(()) | Err(engine::SubmitError::Rejected(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
