//! Simplified sliding sync (MSC4186): a window on the rooms with the newest activity, over a connection that remembers
//! what it has told.
//!
//! The memory is a value: [`sync`] takes what was told before and gives what is told now. Keeping it, and taking it back
//! when a response was lost, is the API's business. It is not in the log: a server that restarted asks clients to start anew.

mod connection;
mod extensions;
mod list;
mod required;
mod room;

use std::{collections::BTreeMap, sync::Arc};

use projection::{Rows, ViewFault, position_of_snapshot};
use ruma::{
    OwnedRoomId,
    api::client::sync::sync_events::v5::{Request, Response, response},
    events::room::member::MembershipState,
};

use super::{Caller, Typing};
use crate::{
    SyncToken,
    membership::{RoomOfUser, is_unwanted, rooms_of},
};

pub use connection::Connection;

use connection::{Scope, Wanted, is_present};
use required::Unions;

/// An answer, what the connection has told with it, and whether it tells anything.
pub struct Answer {
    /// With an empty `pos`, which the caller of [`sync`] fills in.
    pub response: Response,
    /// To be given to the next [`sync`].
    pub connection: Connection,
    /// True when there is nothing new: the caller may wait and ask again.
    pub is_empty: bool,
}

/// Everything new for the caller in the windows that are asked for.
///
/// # Errors
/// A [`ViewFault`] when rows cannot be read.
pub fn sync(
    rows: &dyn Rows,
    caller: Caller<'_>,
    request: &Request,
    before: &Connection,
    typing: &dyn Typing,
) -> Result<Answer, ViewFault> {
    let position = position_of_snapshot(rows)?.0;
    let scope = Scope { rows, caller, before, typing, position };
    let mut response = Response::new(String::new());
    response.txn_id.clone_from(&request.txn_id);
    let mut connection = before.clone();
    connection.told = SyncToken { position, typing: typing.newest() };

    let of_user = shown_rooms(rows, caller)?;
    let wanted = wanted_rooms(scope, request, &of_user, &mut response, &mut connection)?;
    for (room_id, wanted) in &wanted {
        let Some(of_user) = of_user.get(room_id) else { continue };
        let shown = before.shown(room_id);
        if let Some((room, now)) = room::news(scope, room_id, of_user, wanted, shown)? {
            if let Some(room) = room {
                response.rooms.insert(room_id.clone(), room);
            }
            connection.rooms.insert(room_id.clone(), now);
        }
    }
    connection.tidy_sets();
    let more_waits = extensions::add(scope, request, &mut response, &mut connection)?;
    let is_empty = !more_waits
        && response.rooms.is_empty()
        && connection.counts == before.counts
        && connection.keys == before.keys
        && extensions::is_empty(&response.extensions)
        && before.told != SyncToken::default();
    Ok(Answer { response, connection, is_empty })
}

/// The caller's rooms, without invitations of those whom they ignore.
fn shown_rooms(rows: &dyn Rows, caller: Caller<'_>) -> Result<BTreeMap<OwnedRoomId, RoomOfUser>, ViewFault> {
    let mut shown = BTreeMap::new();
    for (room, of_user) in rooms_of(rows, caller.user())? {
        if of_user.membership != MembershipState::Invite || !is_unwanted(rows, caller.reader, &room, &of_user)? {
            shown.insert(room, of_user);
        }
    }
    Ok(shown)
}

/// The rooms in the windows and subscriptions of a request, and those that were shown and that the caller has left since.
fn wanted_rooms(
    scope: Scope<'_>,
    request: &Request,
    of_user: &BTreeMap<OwnedRoomId, RoomOfUser>,
    response: &mut Response,
    connection: &mut Connection,
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
        list::windows(&rooms, &list.ranges).into_iter().for_each(|room| widen(&mut wanted, room, &by, &mut unions));
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
