//! `PUT /_matrix/client/v3/presence/{userId}/status`

use axum::extract::State;
use domain::Rejection;
use engine::{Engine, ephemeral::Presence};
use ruma::{
    api::client::presence::set_presence::v3::{Request, Response},
    presence::PresenceState,
};

use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
    path_checks::check_own,
};

/// The longest status message.
pub(crate) const STATUS_BYTES_MAX: usize = 1_024;

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    Ruma(request): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    check_own(&sender, &request.user_id)?;
    if !matches!(request.presence, PresenceState::Online | PresenceState::Offline | PresenceState::Unavailable) {
        return Err(Rejection::invalid_param("A presence is online, offline or unavailable.").into());
    }
    if request.status_msg.as_ref().is_some_and(|message| message.len() > STATUS_BYTES_MAX) {
        return Err(Rejection::invalid_param("A status message has at most 1,024 bytes.").into());
    }
    let active_at_ms = u64::from(engine.now().0);
    let presence = Presence { state: request.presence, status_msg: request.status_msg, active_at_ms };
    engine.ephemeral().set_presence(&sender.user_id, presence);
    Ok(Ruma(Response::new()))
}
