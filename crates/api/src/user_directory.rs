//! Finding people (spec: "User directory").

mod search_users;

use axum::Router;
use ruma::api::client::user_directory::search_users::v3;

use crate::{app::App, endpoint::Endpoints};

pub(crate) fn routes() -> Router<App> {
    Router::new().endpoint::<v3::Request, _, _>(search_users::handle)
}
