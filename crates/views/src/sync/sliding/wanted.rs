//! The rooms that a request asks for, and what of them.

use std::{collections::BTreeMap, sync::Arc};

use projection::{Rows, ViewFault};
use ruma::{
    OwnedRoomId, UInt,
    api::client::sync::sync_events::v5::{Request, Response, response},
    events::room::member::MembershipState,
};

use super::{
    connection::{Connection, Scope, Wanted, is_present},
    list,
    required::Unions,
};
use crate::{
    membership::{RoomOfUser, is_unwanted, rooms_of},
    sync::Caller,
};

/// The rooms of a user, by id.
pub(super) type RoomsOfUser = BTreeMap<OwnedRoomId, RoomOfUser>;

/// Which rooms of a list stand in its windows.
pub(super) type Window<'w> = dyn for<'a> Fn(&[&'a OwnedRoomId], &[(UInt, UInt)]) -> Vec<&'a OwnedRoomId> + 'w;

/// The caller's rooms, without invitations of those whom they ignore.
pub(super) fn shown_rooms(rows: &dyn Rows, caller: Caller<'_>) -> Result<RoomsOfUser, ViewFault> {
    let mut shown = BTreeMap::new();
    for (room, of_user) in rooms_of(rows, caller.user())? {
        if of_user.membership != MembershipState::Invite || !is_unwanted(rows, caller.reader, &room, &of_user)? {
            shown.insert(room, of_user);
        }
    }
    Ok(shown)
}

/// The rooms in the windows and subscriptions of a request, and those that were shown and that the caller has left since.
pub(super) fn wanted_rooms(
    scope: Scope<'_>,
    request: &Request,
    of_user: &RoomsOfUser,
    window: &Window<'_>,
    (response, connection): (&mut Response, &mut Connection),
) -> Result<BTreeMap<OwnedRoomId, Wanted>, ViewFault> {
    let Connection { counts, sets, .. } = connection;
    let mut unions = Unions::of(sets);
    let mut wanted: BTreeMap<OwnedRoomId, Wanted> = BTreeMap::new();
    let sorted = if request.lists.is_empty() { Vec::new() } else { list::by_recency(scope, of_user)? };
    // Of lists that are asked for no more nothing is told, and nothing is remembered.
    counts.retain(|name, _| request.lists.contains_key(name));
    for (name, list) in &request.lists {
        let rooms = list::filter(scope, &sorted, list.filters.as_ref())?;
        let mut shown = response::List::default();
        shown.count = rooms.len().try_into().unwrap_or_default();
        response.lists.insert(name.clone(), shown);
        counts.insert(name.clone(), rooms.len());
        let details = &list.room_details;
        let by = Wanted::of(details.timeline_limit, unions.set(&details.required_state));
        window(&rooms, &list.ranges).into_iter().for_each(|room| widen(&mut wanted, room, &by, &mut unions));
    }
    for (room, subscription) in &request.room_subscriptions {
        if of_user.get(room).is_some_and(is_present) {
            let by = Wanted::of(subscription.timeline_limit, unions.set(&subscription.required_state));
            widen(&mut wanted, room, &by, &mut unions);
        }
    }
    for (room, shown) in &scope.before.rooms {
        let left = of_user.get(room).is_some_and(|now| !is_present(now) && now.position > shown.through);
        if left {
            wanted.insert(room.clone(), Wanted { limit: shown.limit, required: Arc::clone(&shown.required) });
        }
    }
    Ok(wanted)
}

/// Wants of a room what one more list or subscription wants of it.
fn widen(wanted: &mut BTreeMap<OwnedRoomId, Wanted>, room: &OwnedRoomId, by: &Wanted, unions: &mut Unions<'_>) {
    match wanted.get_mut(room) {
        Some(wanted) => *wanted = wanted.and(by, unions),
        None => drop(wanted.insert(room.clone(), by.clone())),
    }
}
