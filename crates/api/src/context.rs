//! What stands around an event.

mod get_context;

use axum::Router;
use ruma::api::client::context::get_context::v3;

use crate::{app::App, endpoint::Endpoints};

pub(crate) fn routes() -> Router<App> {
    Router::new().endpoint::<v3::Request, _, _>(get_context::handle)
}
