//! `GET /_matrix/client/v3/presence/{userId}/status`

use std::time::Duration;

use axum::extract::State;
use domain::Rejection;
use engine::Engine;
use ruma::{
    api::client::presence::get_presence::v3::{Request, Response},
    presence::PresenceState,
};
use views::Reader;

use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
};

pub(crate) async fn handle(
    State(engine): State<Engine>,
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
    let known = engine.ephemeral().presence(&request.user_id).filter(|_| !reader.ignores(&request.user_id));
    let Some(known) = known else {
        // Who says nothing is there while a client of theirs waits for news.
        let is_there = engine.waiters().is_waiting(&request.user_id) && !reader.ignores(&request.user_id);
        let mut response = Response::new(if is_there { PresenceState::Online } else { PresenceState::Offline });
        response.currently_active = is_there.then_some(true);
        response.last_active_ago = is_there.then_some(Duration::ZERO);
        return Ok(Ruma(response));
    };
    let mut response = Response::new(known.state.clone());
    response.status_msg = known.status_msg;
    response.currently_active = Some(known.state == PresenceState::Online);
    let ago_ms = u64::from(engine.now().0).saturating_sub(known.active_at_ms);
    response.last_active_ago = Some(Duration::from_millis(ago_ms));
    Ok(Ruma(response))
}
