//! `POST /_matrix/client/v3/rooms/{roomId}/invite`

use axum::extract::State;
use domain::{Rejection, room::MembershipAction};
use engine::Engine;
use ruma::api::{
    client::membership::invite_user::v3::{InvitationRecipient, Request, Response},
    error::ErrorKind,
};

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
    let InvitationRecipient::UserId(recipient) = request.recipient else {
        let message = "This server cannot invite by email address or telephone number.";
        return Err(Rejection::new(403, ErrorKind::ThreepidDenied, message).into());
    };
    let action = MembershipAction::Invite { is_direct: false };
    change_other(&engine, sender, request.room_id, recipient.user_id, action, recipient.reason).await?;
    Ok(Ruma(Response::new()))
}
