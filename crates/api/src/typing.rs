//! Who is typing (spec: "Typing notifications").

mod create_typing_event;

use axum::Router;
use ruma::api::client::typing::create_typing_event::v3;

use crate::{app::App, endpoint::Endpoints};

pub(crate) fn routes() -> Router<App> {
    Router::new().endpoint::<v3::Request, _, _>(create_typing_event::handle)
}
