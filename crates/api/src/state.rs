//! Room state: read, and set.

mod get_state_event_for_key;
mod get_state_events;
mod send_state_event;

use axum::{Router, routing::get};
use ruma::api::client::state as ruma_state;

use crate::{app::App, endpoint::Endpoints};

/// The paths that leave the empty state key out, which ruma's list of paths does not have.
const WITHOUT_KEY: [&str; 4] = [
    "/_matrix/client/r0/rooms/{room_id}/state/{event_type}",
    "/_matrix/client/r0/rooms/{room_id}/state/{event_type}/",
    "/_matrix/client/v3/rooms/{room_id}/state/{event_type}",
    "/_matrix/client/v3/rooms/{room_id}/state/{event_type}/",
];

pub(crate) fn routes() -> Router<App> {
    let router = Router::new()
        .endpoint::<ruma_state::get_state_event_for_key::v3::Request, _, _>(get_state_event_for_key::handle)
        .endpoint::<ruma_state::get_state_events::v3::Request, _, _>(get_state_events::handle)
        .endpoint::<ruma_state::send_state_event::v3::Request, _, _>(send_state_event::handle);
    WITHOUT_KEY
        .into_iter()
        .fold(router, |router, path| router.route(path, get(get_state_event_for_key::handle).put(send_state_event::handle)))
}
