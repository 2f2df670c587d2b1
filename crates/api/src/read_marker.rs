//! Read markers (spec: "Fully read markers").

mod set_read_marker;

use axum::Router;
use ruma::api::client::read_marker::set_read_marker::v3;

use crate::{app::App, endpoint::Endpoints};

pub(crate) fn routes() -> Router<App> {
    Router::new().endpoint::<v3::Request, _, _>(set_read_marker::handle)
}
