//! Rooms: created, upgraded, summarised, and their events one by one.

mod aliases;
mod create_room;
mod get_event_by_timestamp;
mod get_room_event;
mod get_summary;
mod upgrade_room;

use ruma::api::client::room as ruma_room;

use crate::{class::Class, endpoint::Routes};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .endpoint::<ruma_room::create_room::v3::Request, _, _>(Class::Write, create_room::handle)
        .endpoint::<ruma_room::aliases::v3::Request, _, _>(Class::Read, aliases::handle)
        .endpoint::<ruma_room::get_event_by_timestamp::v1::Request, _, _>(Class::Read, get_event_by_timestamp::handle)
        .endpoint::<ruma_room::get_room_event::v3::Request, _, _>(Class::Read, get_room_event::handle)
        .endpoint::<ruma_room::get_summary::v1::Request, _, _>(Class::Public, get_summary::handle)
        .endpoint::<ruma_room::upgrade_room::v3::Request, _, _>(Class::Write, upgrade_room::handle)
}
