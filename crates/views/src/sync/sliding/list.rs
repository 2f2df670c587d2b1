//! Lists: the caller's rooms in order of recency, filtered, and cut to windows.

use std::{cmp::Reverse, collections::BTreeMap, ops::RangeInclusive};

use projection::{Rows, ViewFault};
use ruma::{
    OwnedRoomId, RoomId, UInt, UserId, api::client::sync::sync_events::v5::request::ListFilters, directory::RoomTypeFilter,
    events::room::member::MembershipState,
};
use serde::Deserialize;

use super::connection::{Scope, is_present};
use crate::{
    END,
    account_data::{account_data, global_data},
    membership::RoomOfUser,
    rooms::{newest_of_timeline, newest_position, state_event},
    sync::content_of,
};

/// Windows in one list.
const RANGES_MAX: usize = 10;

/// A room of the caller.
pub(super) struct Ranked {
    pub(super) id: OwnedRoomId,
    pub(super) membership: MembershipState,
}

/// The rooms that the caller is in or invited to, the one with the newest activity first.
pub(super) fn by_recency(scope: Scope<'_>, of_user: &BTreeMap<OwnedRoomId, RoomOfUser>) -> Result<Vec<Ranked>, ViewFault> {
    let mut ranked = Vec::with_capacity(of_user.len());
    for (id, room) in of_user.iter().filter(|(_, room)| is_present(room)) {
        // Of a room that the caller is not in, only the invitation is theirs to know.
        let newest = match room.membership {
            MembershipState::Join => newest_shown(scope, id)?.unwrap_or(room.position),
            _ => room.position,
        };
        ranked.push((Reverse(newest), Ranked { id: id.clone(), membership: room.membership.clone() }));
    }
    ranked.sort_by(|(one, a), (other, b)| one.cmp(other).then_with(|| a.id.cmp(&b.id)));
    Ok(ranked.into_iter().map(|(_, room)| room).collect())
}

/// The position of the newest PDU of a room that the caller does not hide. What is ignored moves no room up.
fn newest_shown(scope: Scope<'_>, room: &RoomId) -> Result<Option<u64>, ViewFault> {
    let reader = scope.caller.reader;
    if !reader.ignores_anybody() {
        return newest_position(scope.rows, room);
    }
    let newest = newest_of_timeline(scope.rows, room, (0, END), 1, |entry| reader.hides(entry))?;
    Ok(newest.entries.first().map(|(position, _)| *position).or(newest.oldest))
}

/// The rooms of a list.
pub(super) fn filter<'a>(
    scope: Scope<'_>,
    rooms: &'a [Ranked],
    filters: Option<&ListFilters>,
) -> Result<Vec<&'a OwnedRoomId>, ViewFault> {
    let Some(filters) = filters else { return Ok(rooms.iter().map(|room| &room.id).collect()) };
    let direct = if filters.is_dm.is_some() { direct_rooms(scope)? } else { Vec::new() };
    let mut passed = Vec::new();
    for room in rooms {
        let is_invite = room.membership == MembershipState::Invite;
        let passes = filters.is_invite.is_none_or(|wanted| wanted == is_invite)
            && filters.is_dm.is_none_or(|wanted| wanted == direct.contains(&room.id))
            && is_encrypted_passes(scope, &room.id, filters)?
            && room_type_passes(scope, &room.id, filters)?;
        if passes {
            passed.push(&room.id);
        }
    }
    Ok(passed)
}

fn is_encrypted_passes(scope: Scope<'_>, room: &RoomId, filters: &ListFilters) -> Result<bool, ViewFault> {
    let Some(wanted) = filters.is_encrypted else { return Ok(true) };
    Ok(wanted == state_event(scope.rows, room, "m.room.encryption", "")?.is_some())
}

fn room_type_passes(scope: Scope<'_>, room: &RoomId, filters: &ListFilters) -> Result<bool, ViewFault> {
    if filters.room_types.is_empty() && filters.not_room_types.is_empty() {
        return Ok(true);
    }
    #[derive(Deserialize)]
    struct Content {
        #[serde(rename = "type")]
        room_type: Option<String>,
    }
    let room_type = content_of::<Content>(scope.rows, room, "m.room.create")?.and_then(|content| content.room_type);
    let room_type = RoomTypeFilter::from(room_type);
    let listed = filters.room_types.is_empty() || filters.room_types.contains(&room_type);
    Ok(listed && !filters.not_room_types.contains(&room_type))
}

/// The rooms that the caller's `m.direct` lists.
pub(super) fn direct_rooms(scope: Scope<'_>) -> Result<Vec<OwnedRoomId>, ViewFault> {
    let Some(content) = account_data(scope.rows, scope.caller.user(), None, "m.direct")? else { return Ok(Vec::new()) };
    let by_user: BTreeMap<String, Vec<OwnedRoomId>> = serde_json::from_str(content.get()).unwrap_or_default();
    Ok(by_user.into_values().flatten().collect())
}

/// Whether the caller's `m.direct` was set after position `since`.
pub(super) fn direct_changed_since(rows: &dyn Rows, user: &UserId, since: u64) -> Result<bool, ViewFault> {
    Ok(global_data(rows, user, "m.direct")?.is_some_and(|(set_at, _)| set_at > since))
}

/// The windows of a list that count, as indices of rooms.
pub(super) fn ranges_of(ranges: &[(UInt, UInt)]) -> impl Iterator<Item = RangeInclusive<usize>> {
    let index = |at: UInt| usize::try_from(u64::from(at)).unwrap_or(usize::MAX);
    ranges.iter().take(RANGES_MAX).map(move |(first, last)| index(*first)..=index(*last))
}

/// The rooms in the windows of a list. Both ends of a range count.
pub(super) fn windows<'a>(rooms: &[&'a OwnedRoomId], ranges: &[(UInt, UInt)]) -> Vec<&'a OwnedRoomId> {
    let mut shown = Vec::new();
    for range in ranges_of(ranges) {
        let end = range.end().saturating_add(1).min(rooms.len());
        shown.extend(rooms.get(*range.start()..end).unwrap_or_default());
    }
    shown
}
