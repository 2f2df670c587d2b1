//! Messages: sending one, and reading back.

mod get_message_events;
mod send_message_event;

use ruma::api::client::message as ruma_message;

use crate::{class::Class, endpoint::Routes};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .endpoint::<ruma_message::get_message_events::v3::Request, _, _>(Class::Read, get_message_events::handle)
        .endpoint::<ruma_message::send_message_event::v3::Request, _, _>(Class::Write, send_message_event::handle)
}
