//! Whether the sender has the power to do something in a room.

use ruma::{
    RoomId,
    events::{StateEventType, room::member::MembershipState},
};
use views::{Rows, membership::membership_of, rooms::power_levels_of};

use crate::{error::ApiError, extract::Sender};

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
