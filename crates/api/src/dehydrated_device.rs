//! Dehydrated devices (MSC3814).

mod delete_dehydrated_device;
mod get_dehydrated_device;
mod get_events;
mod put_dehydrated_device;

use axum::Router;
use ruma::api::client::dehydrated_device as endpoints;

use crate::{app::App, endpoint::Endpoints};

const NONE: &str = "There is no dehydrated device.";

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .endpoint::<endpoints::put_dehydrated_device::unstable::Request, _, _>(put_dehydrated_device::handle)
        .endpoint::<endpoints::get_dehydrated_device::unstable::Request, _, _>(get_dehydrated_device::handle)
        .endpoint::<endpoints::delete_dehydrated_device::unstable::Request, _, _>(delete_dehydrated_device::handle)
        .endpoint::<endpoints::get_events::unstable::Request, _, _>(get_events::handle)
}
