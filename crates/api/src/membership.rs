//! Who is in which room: joining, leaving, inviting, kicking, banning, and asking.

mod ban_user;
mod forget_room;
mod get_member_events;
mod invite_user;
mod join_room_by_id;
mod join_room_by_id_or_alias;
mod joined_members;
mod joined_rooms;
mod kick_user;
mod leave_room;
mod unban_user;

use domain::{
    Rejection, Stream,
    room::{ChangeMembership, MemberProfile, MembershipAction, Person},
};
use engine::Engine;
use ruma::{OwnedRoomId, OwnedUserId, UserId, api::client::membership as ruma_membership};
use views::Rows;

use crate::{
    endpoint::{Class, Routes},
    error::ApiError,
    extract::Sender,
    profile::member_profile,
};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .endpoint::<ruma_membership::ban_user::v3::Request, _, _>(Class::Write, ban_user::handle)
        .endpoint::<ruma_membership::forget_room::v3::Request, _, _>(Class::Write, forget_room::handle)
        .endpoint::<ruma_membership::get_member_events::v3::Request, _, _>(Class::Read, get_member_events::handle)
        .endpoint::<ruma_membership::invite_user::v3::Request, _, _>(Class::Write, invite_user::handle)
        .endpoint::<ruma_membership::join_room_by_id::v3::Request, _, _>(Class::Write, join_room_by_id::handle)
        .endpoint::<ruma_membership::join_room_by_id_or_alias::v3::Request, _, _>(
            Class::Write,
            join_room_by_id_or_alias::handle,
        )
        .endpoint::<ruma_membership::joined_members::v3::Request, _, _>(Class::Read, joined_members::handle)
        .endpoint::<ruma_membership::joined_rooms::v3::Request, _, _>(Class::Read, joined_rooms::handle)
        .endpoint::<ruma_membership::kick_user::v3::Request, _, _>(Class::Write, kick_user::handle)
        .endpoint::<ruma_membership::leave_room::v3::Request, _, _>(Class::Write, leave_room::handle)
        .endpoint::<ruma_membership::unban_user::v3::Request, _, _>(Class::Write, unban_user::handle)
}

/// A person with their profile.
pub(crate) fn person(rows: &dyn Rows, user_id: &UserId) -> Result<Person, ApiError> {
    Ok(Person { user_id: user_id.to_owned(), profile: member_profile(rows, user_id)? })
}

/// A person who is to be invited.
///
/// # Errors
/// 404 `M_NOT_FOUND` for people whom this server does not know: without federation nobody could come.
pub(crate) fn invitee(rows: &dyn Rows, user_id: &UserId) -> Result<Person, ApiError> {
    if views::accounts::account(rows, user_id)?.is_none() {
        return Err(Rejection::not_found("There is no such person here.").into());
    }
    person(rows, user_id)
}

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
async fn join(engine: &Engine, sender: Sender, room_id: OwnedRoomId, reason: Option<String>) -> Result<(), ApiError> {
    let shared_rooms = views::membership::joined_rooms(&*engine.rows(), &sender.user_id)?;
    change_own(engine, sender, room_id, MembershipAction::Join { shared_rooms }, reason).await
}

/// The sender changes somebody else's membership to one that says no name.
async fn change_other(
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
