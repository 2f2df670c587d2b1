//! Changing a membership: one's own, or somebody else's.

use domain::room::{ChangeMembership, MembershipAction};
use engine::Engine;
use ruma::{OwnedRoomId, OwnedUserId};

use crate::{error::ApiError, extract::Sender};

/// The sender changes their own membership.
pub(crate) async fn change_own(
    engine: &Engine,
    sender: Sender,
    room_id: OwnedRoomId,
    action: MembershipAction,
    reason: Option<String>,
) -> Result<(), ApiError> {
    let target = sender.user_id.clone();
    change_other(engine, sender, room_id, target, action, reason).await
}

/// The sender changes somebody's membership.
pub(super) async fn change_other(
    engine: &Engine,
    sender: Sender,
    room_id: OwnedRoomId,
    target: OwnedUserId,
    action: MembershipAction,
    reason: Option<String>,
) -> Result<(), ApiError> {
    let command = ChangeMembership { room_id, sender: sender.user_id, target, action, reason };
    Ok(engine.submit(command).await?)
}
