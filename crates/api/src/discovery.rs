//! What clients ask first (spec: "Server discovery", "Capabilities negotiation").

mod discover_homeserver;
mod get_capabilities;
mod get_supported_versions;

use axum::Router;
use ruma::api::client::discovery::{
    discover_homeserver as well_known, get_capabilities::v3, get_supported_versions as versions,
};

use crate::{app::App, endpoint::Endpoints};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .endpoint::<well_known::Request, _, _>(discover_homeserver::handle)
        .endpoint::<versions::Request, _, _>(get_supported_versions::handle)
        .endpoint::<v3::Request, _, _>(get_capabilities::handle)
}
