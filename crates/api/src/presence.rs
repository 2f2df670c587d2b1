//! Whether people are there (spec: "Presence"). Held in memory: after a restart nobody is known to be there.

mod get_presence;
mod set_presence;

use axum::Router;
use ruma::api::client::presence::{get_presence::v3 as get_v3, set_presence::v3 as set_v3};

use crate::{app::App, endpoint::Endpoints};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .endpoint::<get_v3::Request, _, _>(get_presence::handle)
        .endpoint::<set_v3::Request, _, _>(set_presence::handle)
}
