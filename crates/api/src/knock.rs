//! Knocking: asking to be let in.

mod knock_room;

use axum::Router;
use ruma::api::client::knock::knock_room::v3;

use crate::{app::App, endpoint::Endpoints};

pub(crate) fn routes() -> Router<App> {
    Router::new().endpoint::<v3::Request, _, _>(knock_room::handle)
}
