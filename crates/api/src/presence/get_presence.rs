//! `GET /_matrix/client/v3/presence/{userId}/status`

use std::{sync::Arc, time::Duration};

use axum::extract::State;
use domain::Rejection;
use engine::Engine;
use ruma::{
    api::client::presence::get_presence::v3::{Request, Response},
    presence::PresenceState,
};
use views::Reader;

use super::told::active_ago_ms;
use crate::{
    app::ApiSettings,
    error::ApiError,
    extract::{Ruma, Sender},
};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    State(settings): State<Arc<ApiSettings>>,
    sender: Sender,
    Ruma(request): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    let rows = engine.rows();
    let may_see =
        sender.user_id == request.user_id || views::membership::shares_a_room(&*rows, &sender.user_id, &request.user_id)?;
    // The same answer for strangers and for nobody.
    if !may_see {
        return Err(Rejection::forbidden("You share no room with that person.").into());
    }
    // Whom one ignores is not there.
    let reader = Reader::load(&*rows, &sender.user_id)?;
    let known = engine.ephemeral().presence(&request.user_id);
    let known = known.filter(|_| settings.presence && !reader.ignores(&request.user_id));
    let Some(known) = known else { return Ok(Ruma(Response::new(PresenceState::Offline))) };
    let mut response = Response::new(known.state.clone());
    response.currently_active = Some(known.state == PresenceState::Online);
    response.last_active_ago = active_ago_ms(&engine, &known).map(Duration::from_millis);
    response.status_msg = known.status_msg;
    Ok(Ruma(response))
}
