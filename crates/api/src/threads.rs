//! The threads of a room.

mod get_threads;

use axum::Router;
use ruma::api::client::threads::get_threads::v1;

use crate::{app::App, endpoint::Endpoints};

pub(crate) fn routes() -> Router<App> {
    Router::new().endpoint::<v1::Request, _, _>(get_threads::handle)
}
