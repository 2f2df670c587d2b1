//! Help for calls (spec: "Voice over IP").

mod credentials;
mod get_turn_server_info;

use axum::Router;
use ruma::api::client::voip::get_turn_server_info::v3;

use crate::{app::App, endpoint::Endpoints};

pub(crate) fn routes() -> Router<App> {
    Router::new().endpoint::<v3::Request, _, _>(get_turn_server_info::handle)
}
