//! Tags of rooms (spec: "Room tagging").

mod create_tag;
mod delete_tag;
mod get_tags;

use axum::Router;
use ruma::api::client::tag::{create_tag::v3 as create_v3, delete_tag::v3 as delete_v3, get_tags::v3 as get_v3};

use crate::{app::App, endpoint::Endpoints};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .endpoint::<get_v3::Request, _, _>(get_tags::handle)
        .endpoint::<create_v3::Request, _, _>(create_tag::handle)
        .endpoint::<delete_v3::Request, _, _>(delete_tag::handle)
}
