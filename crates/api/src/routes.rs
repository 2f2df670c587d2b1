//! All endpoints, area by area, and the layers around them.

use std::time::Duration;

use axum::{
    Extension, Router,
    http::{Method, StatusCode, header},
    response::Response,
    routing::any,
};
use ruma::api::error::ErrorKind;
use tower_http::cors::{Any, CorsLayer};

use crate::{
    account,
    app::App,
    backup, config, device, discovery,
    endpoint::{Route, Routes},
    error::standard,
    filter, keys, media,
    operator::Operator,
    presence, profile, push, read_marker, receipt, session, tag, to_device, typing, user_directory, voip,
};

/// How long a browser may remember the answer to a CORS preflight.
const PREFLIGHT_MAX_AGE: Duration = Duration::from_secs(86_400);

/// Where nothing but the protocol is. What is not there is refused in its own form, which browsers of other origins may read: clients
/// try endpoints of other servers and of later versions, and take a refusal that they may not read for a broken server.
const OF_THE_PROTOCOL: [&str; 3] = ["/_matrix", "/_synapse", "/.well-known"];

/// Every endpoint, area by area.
fn routes() -> Routes {
    Routes::new()
        .merge(session::routes())
        .merge(crate::sync::routes())
        .merge(account::routes())
        .merge(device::routes())
        .merge(crate::dehydrated_device::routes())
        .merge(media::routes())
        .merge(discovery::routes())
        .merge(voip::routes())
        .merge(user_directory::routes())
        .merge(push::routes())
        .merge(presence::routes())
        .merge(typing::routes())
        .merge(read_marker::routes())
        .merge(receipt::routes())
        .merge(filter::routes())
        .merge(tag::routes())
        .merge(config::routes())
        .merge(profile::routes())
        .merge(backup::routes())
        .merge(keys::routes())
        .merge(to_device::routes())
        .merge(crate::room::routes())
        .merge(crate::membership::routes())
        .merge(crate::knock::routes())
        .merge(crate::message::routes())
        .merge(crate::redact::routes())
        .merge(crate::expiry::routes())
        .merge(crate::state::routes())
        .merge(crate::context::routes())
        .merge(crate::relations::routes())
        .merge(crate::threads::routes())
        .merge(crate::alias::routes())
        .merge(crate::directory::routes())
        .merge(crate::space::routes())
        .merge(crate::admin::routes())
        .merge(crate::reporting::routes())
        .merge(crate::search::routes())
        .merge(crate::thirdparty::routes())
}

/// The table of all endpoints: what there is, and what each may cost.
#[must_use]
pub fn route_table() -> Vec<Route> {
    routes().into_table()
}

/// The API as a router, without the layers that need a connection.
pub fn router(app: App) -> Router {
    routes()
        .into_router()
        .merge(nothing_else())
        .fallback(unrecognized)
        .method_not_allowed_fallback(wrong_method)
        .layer(cors())
        .with_state(app)
}

/// What admins do, for the operator: whoever comes by this router needs no session, so that it may be served only where nobody else
/// comes.
pub fn operator_router(app: App) -> Router {
    crate::admin::routes().into_router().fallback(unrecognized).layer(Extension(Operator)).with_state(app)
}

/// Every other path of the protocol.
fn nothing_else() -> Router<App> {
    OF_THE_PROTOCOL.into_iter().fold(Router::new(), |router, prefix| {
        let paths = [prefix.to_owned(), format!("{prefix}/"), format!("{prefix}/{{*rest}}")];
        paths.iter().fold(router, |router, path| router.route(path, any(unrecognized)))
    })
}

/// The answer to paths that the API does not have: 404 `M_UNRECOGNIZED`.
pub async fn unrecognized() -> Response {
    standard(StatusCode::NOT_FOUND.as_u16(), ErrorKind::Unrecognized, "There is no such endpoint here.")
}

async fn wrong_method() -> Response {
    standard(StatusCode::METHOD_NOT_ALLOWED.as_u16(), ErrorKind::Unrecognized, "This endpoint does not take that method.")
}

/// What the spec asks for in "Web Browser Clients".
fn cors() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::DELETE, Method::OPTIONS])
        .allow_headers([
            header::CONTENT_TYPE,
            header::AUTHORIZATION,
            header::HeaderName::from_static("x-requested-with"),
            header::RANGE,
        ])
        .max_age(PREFLIGHT_MAX_AGE)
}
