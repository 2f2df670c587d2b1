//! What somebody outside may know of a room, and how it is put in one piece (spec: `RoomSummary`).

use ruma::{
    OwnedRoomId, RoomId, UInt, UserId,
    events::room::{history_visibility::HistoryVisibility, member::MembershipState},
    room::{JoinRule, RoomSummary},
};
use views::{
    Rows, ViewFault,
    membership::{count_with, membership_of},
    rooms::{RoomInfo, room_info},
};

/// The summary of a room; none when there is no such room.
pub(crate) fn summary_of(rows: &dyn Rows, room: &RoomId) -> Result<Option<(RoomInfo, RoomSummary)>, ViewFault> {
    let Some(info) = room_info(rows, room)? else {
        return Ok(None);
    };
    let joined = count_with(rows, room, &MembershipState::Join, usize::MAX)?;
    let mut summary = RoomSummary::new(
        room.to_owned(),
        info.join_rule.clone().into(),
        info.guests_can_join,
        UInt::try_from(joined).unwrap_or(UInt::MAX),
        info.history_visibility == HistoryVisibility::WorldReadable,
    );
    summary.canonical_alias.clone_from(&info.canonical_alias);
    summary.name.clone_from(&info.name);
    summary.topic.clone_from(&info.topic);
    summary.avatar_url.clone_from(&info.avatar_url);
    summary.room_type.clone_from(&info.room_type);
    summary.encryption = info.encryption.as_deref().map(Into::into);
    summary.room_version = Some(info.version.clone());
    Ok(Some((info, summary)))
}

/// Whether somebody, or anybody when no user is given, may know what a room is: those who are in it or invited to it,
/// and those who could come in (spec: `GET /rooms/{roomId}/hierarchy`, "Server behaviour").
pub(crate) fn may_know(rows: &dyn Rows, room: &RoomId, info: &RoomInfo, user: Option<&UserId>) -> Result<bool, ViewFault> {
    if info.history_visibility == HistoryVisibility::WorldReadable
        || matches!(info.join_rule, JoinRule::Public | JoinRule::Knock | JoinRule::KnockRestricted(_))
    {
        return Ok(true);
    }
    let Some(user) = user else {
        return Ok(false);
    };
    if matches!(membership_of(rows, room, user)?, MembershipState::Join | MembershipState::Invite) {
        return Ok(true);
    }
    let JoinRule::Restricted(restricted) = &info.join_rule else {
        return Ok(false);
    };
    let allowed: Vec<&OwnedRoomId> = restricted
        .allow
        .iter()
        .filter_map(|rule| match rule {
            ruma::room::AllowRule::RoomMembership(membership) => Some(&membership.room_id),
            _ => None,
        })
        .collect();
    for room in allowed {
        if membership_of(rows, room, user)? == MembershipState::Join {
            return Ok(true);
        }
    }
    Ok(false)
}
