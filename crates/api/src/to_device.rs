//! Messages from device to device (spec: "Send-to-device messaging").

mod send_event_to_device;

use axum::Router;
use ruma::api::client::to_device::send_event_to_device::v3 as send_event;

use crate::{app::App, endpoint::Endpoints};

pub(crate) fn routes() -> Router<App> {
    Router::new().endpoint::<send_event::Request, _, _>(send_event_to_device::handle)
}
