//! Messages that are there for a time: `docs/decisions/0006-senders-declare-expiry.md`. An endpoint of this server alone.

mod set_expiry;

use axum::{Router, routing::put};

use crate::app::App;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/_matrix/client/unstable/org.hearth.expiry/rooms/{room_id}/event/{event_id}", put(set_expiry::handle))
}
