//! Which invitations a reader is shown (spec: "Ignoring Users": none of somebody who is ignored).

use projection::{Rows, ViewFault};
use ruma::{RoomId, events::room::member::MembershipState};

use super::{by_room::member, history::membership_at, tables::RoomOfUser};
use crate::reader::Reader;

/// Whether all that the reader has to do with a room is an invitation by somebody whom they ignore, still open or taken back.
///
/// # Errors
/// A [`ViewFault`] when rows cannot be read.
pub fn is_unwanted(rows: &dyn Rows, reader: &Reader, room: &RoomId, of_user: &RoomOfUser) -> Result<bool, ViewFault> {
    if !reader.ignores_anybody() {
        return Ok(false);
    }
    let is_invitation = match of_user.membership {
        MembershipState::Invite => true,
        MembershipState::Leave | MembershipState::Ban => {
            let before = membership_at(rows, room, reader.user(), of_user.position.saturating_sub(1))?;
            before != MembershipState::Join
        }
        _ => false,
    };
    Ok(is_invitation && member(rows, room, reader.user())?.is_some_and(|member| reader.ignores(&member.sender)))
}
