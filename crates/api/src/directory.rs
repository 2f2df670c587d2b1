//! The public list of rooms.

mod get_public_rooms;
mod get_public_rooms_filtered;
mod get_room_visibility;
pub(crate) mod list;
mod set_room_visibility;

use ruma::api::client::directory as ruma_directory;

use crate::{class::Class, endpoint::Routes};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .endpoint::<ruma_directory::get_public_rooms::v3::Request, _, _>(Class::RoomList, get_public_rooms::handle)
        .endpoint::<ruma_directory::get_public_rooms_filtered::v3::Request, _, _>(
            Class::Read,
            get_public_rooms_filtered::handle,
        )
        .endpoint::<ruma_directory::get_room_visibility::v3::Request, _, _>(Class::Public, get_room_visibility::handle)
        .endpoint::<ruma_directory::set_room_visibility::v3::Request, _, _>(Class::Write, set_room_visibility::handle)
}
