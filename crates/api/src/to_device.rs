//! Messages from device to device (spec: "Send-to-device messaging").

mod send_event_to_device;

use ruma::api::client::to_device::send_event_to_device::v3 as send_event;

use crate::{class::Class, endpoint::Routes};

pub(crate) fn routes() -> Routes {
    Routes::new().endpoint::<send_event::Request, _, _>(Class::Bulk, send_event_to_device::handle)
}
