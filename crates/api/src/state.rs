//! Room state: read, and set.

mod get_state_event_for_key;
mod get_state_events;
mod send_state_event;

use axum::http::Method;
use ruma::api::client::state as ruma_state;

use crate::{class::Class, endpoint::Routes};

/// The paths that leave the empty state key out, which ruma's list of paths does not have.
const WITHOUT_KEY: [&str; 4] = [
    "/_matrix/client/r0/rooms/{room_id}/state/{event_type}",
    "/_matrix/client/r0/rooms/{room_id}/state/{event_type}/",
    "/_matrix/client/v3/rooms/{room_id}/state/{event_type}",
    "/_matrix/client/v3/rooms/{room_id}/state/{event_type}/",
];

pub(crate) fn routes() -> Routes {
    let routes = Routes::new()
        .endpoint::<ruma_state::get_state_event_for_key::v3::Request, _, _>(Class::Read, get_state_event_for_key::handle)
        .endpoint::<ruma_state::get_state_events::v3::Request, _, _>(Class::Read, get_state_events::handle)
        .endpoint::<ruma_state::send_state_event::v3::Request, _, _>(Class::Write, send_state_event::handle);
    WITHOUT_KEY.into_iter().fold(routes, |routes, path| {
        routes.route(Class::Read, Method::GET, path, get_state_event_for_key::handle).route(
            Class::Write,
            Method::PUT,
            path,
            send_state_event::handle,
        )
    })
}
