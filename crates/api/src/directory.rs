//! The public list of rooms.

mod get_public_rooms;
mod get_public_rooms_filtered;
mod get_room_visibility;
mod list;
mod set_room_visibility;

use ruma::{
    RoomId,
    api::client::directory as ruma_directory,
    events::{StateEventType, room::member::MembershipState},
};
use views::{Rows, membership::membership_of, rooms::power_levels_of};

use crate::{
    endpoint::{Class, Routes},
    error::ApiError,
    extract::Sender,
};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .endpoint::<ruma_directory::get_public_rooms::v3::Request, _, _>(Class::Public, get_public_rooms::handle)
        .endpoint::<ruma_directory::get_public_rooms_filtered::v3::Request, _, _>(
            Class::Read,
            get_public_rooms_filtered::handle,
        )
        .endpoint::<ruma_directory::get_room_visibility::v3::Request, _, _>(Class::Public, get_room_visibility::handle)
        .endpoint::<ruma_directory::set_room_visibility::v3::Request, _, _>(Class::Write, set_room_visibility::handle)
}

/// Whether the sender is in a room and has the power to set this state of it.
pub(crate) fn may_set(
    rows: &dyn Rows,
    sender: &Sender,
    room: &RoomId,
    event_type: StateEventType,
) -> Result<bool, ApiError> {
    if membership_of(rows, room, &sender.user_id)? != MembershipState::Join {
        return Ok(false);
    }
    let levels = power_levels_of(rows, room)?;
    Ok(levels.is_some_and(|levels| levels.user_can_send_state(&sender.user_id, event_type)))
}
