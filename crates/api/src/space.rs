//! Spaces: rooms that hold rooms.

mod get_hierarchy;

use axum::Router;
use ruma::api::client::space::get_hierarchy::v1;

use crate::{app::App, endpoint::Endpoints};

pub(crate) fn routes() -> Router<App> {
    Router::new().endpoint::<v1::Request, _, _>(get_hierarchy::handle)
}
