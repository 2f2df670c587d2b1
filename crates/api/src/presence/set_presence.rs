//! `PUT /_matrix/client/v3/presence/{userId}/status`

use std::{sync::Arc, time::Duration};

use axum::extract::State;
use domain::Rejection;
use engine::Engine;
use ruma::{
    api::client::presence::set_presence::v3::{Request, Response},
    presence::PresenceState,
};

use super::told::take_sign;
use crate::{
    app::ApiSettings,
    error::ApiError,
    extract::{Ruma, Sender},
    path_checks::check_own,
};

/// The longest status message.
pub(crate) const STATUS_BYTES_MAX: usize = 1_024;
/// How long somebody is there who says so and does not sync.
const LASTING: Duration = Duration::from_secs(300);

pub(crate) async fn handle(
    State(engine): State<Engine>,
    State(settings): State<Arc<ApiSettings>>,
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
    if settings.presence {
        let said = (request.presence, request.status_msg);
        take_sign(&engine, &sender, said.0.clone(), LASTING, Some(said)).await;
    }
    Ok(Ruma(Response::new()))
}
