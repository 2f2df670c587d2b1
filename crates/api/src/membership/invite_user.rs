//! `POST /_matrix/client/v3/rooms/{roomId}/invite`

use axum::extract::State;
use domain::{
    Rejection, Stream,
    room::{ChangeMembership, MembershipAction},
};
use engine::Engine;
use ruma::api::{
    client::membership::invite_user::v3::{InvitationRecipient, Request, Response},
    error::ErrorKind,
};

use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
    own::check_joined,
    people::invitee,
};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    Ruma(request): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    let InvitationRecipient::UserId(recipient) = request.recipient else {
        let message = "This server cannot invite by email address or telephone number.";
        return Err(Rejection::new(403, ErrorKind::ThreepidDenied, message).into());
    };
    let target = {
        let rows = engine.rows();
        check_joined(&*rows, &sender, &request.room_id)?;
        invitee(&*rows, &recipient.user_id)?
    };
    let action = MembershipAction::Invite { is_direct: false };
    let command = ChangeMembership { sender: sender.user_id, target, action, reason: recipient.reason };
    engine.submit(Stream::Room(request.room_id), command).await?;
    Ok(Ruma(Response::new()))
}
