//! What clients ask first (spec: "Server discovery", "Capabilities negotiation").

mod discover_homeserver;
mod discover_support;
mod get_capabilities;
mod get_supported_versions;

use ruma::api::client::discovery::{
    discover_homeserver as well_known, discover_support as support, get_capabilities::v3, get_supported_versions as versions,
};

use crate::{class::Class, endpoint::Routes};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .endpoint::<well_known::Request, _, _>(Class::Public, discover_homeserver::handle)
        .endpoint::<support::Request, _, _>(Class::Public, discover_support::handle)
        .endpoint::<versions::Request, _, _>(Class::Public, get_supported_versions::handle)
        .endpoint::<v3::Request, _, _>(Class::Read, get_capabilities::handle)
}
