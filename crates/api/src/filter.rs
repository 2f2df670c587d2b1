//! Filters for syncs (spec: "Filtering").

mod create_filter;
mod get_filter;

use axum::Router;
use ruma::api::client::filter::{create_filter::v3 as create_v3, get_filter::v3 as get_v3};

use crate::{app::App, endpoint::Endpoints};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .endpoint::<create_v3::Request, _, _>(create_filter::handle)
        .endpoint::<get_v3::Request, _, _>(get_filter::handle)
}
