//! Checks that many endpoints make of a path before anything else.

use domain::Rejection;
use ruma::{RoomId, UserId, events::room::member::MembershipState};
use views::Rows;

use crate::{error::ApiError, extract::Sender};

/// Makes sure that a path names the sender.
///
/// # Errors
/// 403 `M_FORBIDDEN`.
pub(crate) fn check_own(sender: &Sender, user_id: &UserId) -> Result<(), ApiError> {
    if sender.user_id == *user_id { Ok(()) } else { Err(Rejection::forbidden("That is not your account.").into()) }
}

/// Makes sure that the sender is joined to a room.
///
/// # Errors
/// 403 `M_FORBIDDEN`, for rooms that do not exist as well: who is not in a room is not told whether it exists.
pub(crate) fn check_joined(rows: &dyn Rows, sender: &Sender, room_id: &RoomId) -> Result<(), ApiError> {
    match views::membership::membership_of(rows, room_id, &sender.user_id)? {
        MembershipState::Join => Ok(()),
        _ => Err(Rejection::forbidden("You are not in this room.").into()),
    }
}
