//! Messages that are there for a time: `docs/decisions/0006-senders-declare-expiry.md`. An endpoint of this server alone.

mod set_expiry;

use axum::http::Method;

use crate::{class::Class, endpoint::Routes};

/// The path, which ruma does not know.
const PATH: &str = "/_matrix/client/unstable/org.hearth.expiry/rooms/{room_id}/event/{event_id}";

pub(crate) fn routes() -> Routes {
    Routes::new().route(Class::Write, Method::PUT, PATH, set_expiry::handle)
}
