//! Changing a membership: one's own, or somebody else's.

use domain::{
    Stream,
    room::{ChangeMembership, MemberProfile, MembershipAction, Person},
};
use engine::Engine;
use ruma::{OwnedRoomId, OwnedUserId};

use crate::{error::ApiError, extract::Sender, people::person};

/// The sender changes their own membership.
pub(crate) async fn change_own(
    engine: &Engine,
    sender: Sender,
    room_id: OwnedRoomId,
    action: MembershipAction,
    reason: Option<String>,
) -> Result<(), ApiError> {
    let target = person(&*engine.rows(), &sender.user_id)?;
    let command = ChangeMembership { sender: sender.user_id, target, action, reason };
    Ok(engine.submit(Stream::Room(room_id), command).await?)
}

/// The sender joins.
pub(super) async fn join(
    engine: &Engine,
    sender: Sender,
    room_id: OwnedRoomId,
    reason: Option<String>,
) -> Result<(), ApiError> {
    let shared_rooms = views::membership::joined_rooms(&*engine.rows(), &sender.user_id)?;
    change_own(engine, sender, room_id, MembershipAction::Join { shared_rooms }, reason).await
}

/// The sender changes somebody else's membership to one that says no name.
pub(super) async fn change_other(
    engine: &Engine,
    sender: Sender,
    room_id: OwnedRoomId,
    user_id: OwnedUserId,
    action: MembershipAction,
    reason: Option<String>,
) -> Result<(), ApiError> {
    crate::own::check_joined(&*engine.rows(), &sender, &room_id)?;
    let target = Person { user_id, profile: MemberProfile::default() };
    let command = ChangeMembership { sender: sender.user_id, target, action, reason };
    Ok(engine.submit(Stream::Room(room_id), command).await?)
}
