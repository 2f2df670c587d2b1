//! Who is in which room: joining, leaving, inviting, kicking, banning, and asking.

mod ban_user;
pub(crate) mod change;
mod forget_room;
mod get_member_events;
mod get_mutual_rooms;
mod invite_user;
mod join_room_by_id;
mod join_room_by_id_or_alias;
mod joined_members;
mod joined_rooms;
mod kick_user;
mod leave_room;
mod unban_user;

use ruma::api::client::membership as ruma_membership;

use crate::{class::Class, endpoint::Routes};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .endpoint::<ruma_membership::ban_user::v3::Request, _, _>(Class::Write, ban_user::handle)
        .endpoint::<ruma_membership::forget_room::v3::Request, _, _>(Class::Write, forget_room::handle)
        .endpoint::<ruma_membership::get_member_events::v3::Request, _, _>(Class::Read, get_member_events::handle)
        .endpoint::<ruma_membership::get_mutual_rooms::v1::Request, _, _>(Class::Read, get_mutual_rooms::handle)
        .endpoint::<ruma_membership::get_mutual_rooms::unstable::Request, _, _>(
            Class::Read,
            get_mutual_rooms::handle_unstable,
        )
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
