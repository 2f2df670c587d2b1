//! What a connection had told, made anew from a position: after a restart nothing else is left of it.

use std::collections::BTreeMap;

use projection::{Rows, ViewFault, position_of_snapshot};
use ruma::{
    api::client::sync::sync_events::v5::{Request, Response},
    events::room::member::MembershipState,
};

use super::{
    connection::{Connection, Scope, Shown, is_shown_as},
    wanted::{shown_rooms, wanted_rooms},
};
use crate::{
    SyncToken,
    membership::membership_at,
    sync::{Caller, Typing},
};

/// Nobody types, as far as a connection knows that is made anew.
struct Unheard;

impl Typing for Unheard {
    fn newest(&self) -> u64 {
        0
    }

    fn since(&self, _: &ruma::RoomId, _: u64, _: &crate::Reader) -> Option<Vec<ruma::OwnedUserId>> {
        None
    }
}

/// What a connection had told whose answer at this position had all rooms in its windows, and whose requests wanted the same of them as
/// this one. None when that cannot be known.
///
/// # Errors
/// A [`ViewFault`] when rows cannot be read.
pub fn rebuilt(
    rows: &dyn Rows,
    caller: Caller<'_>,
    request: &Request,
    position: u64,
) -> Result<Option<Connection>, ViewFault> {
    let now = position_of_snapshot(rows)?.0;
    // Which invitations were shown depends on who was ignored then.
    if position == 0 || position > now || caller.reader.changed_list_since(position) {
        return Ok(None);
    }
    let of_user = shown_rooms(rows, caller)?;
    let (mut connection, nothing) = (Connection::default(), Connection::default());
    let scope = Scope { rows, caller, before: &nothing, typing: &Unheard, position: now };
    let mut wanted = wanted_rooms(scope, request, &of_user, &mut Response::new(String::new()), &mut connection)?;
    let mut rooms = BTreeMap::new();
    for (room, of_user) in of_user {
        let was = if of_user.position <= position {
            of_user.membership
        } else {
            membership_at(rows, &room, caller.user(), position)?
        };
        if is_shown_as(&was) {
            let wanted = wanted.remove(&room).unwrap_or_default();
            let joined = was == MembershipState::Join;
            rooms.insert(room, Shown { through: position, joined, limit: wanted.limit, required: wanted.required });
        }
    }
    connection.rooms = rooms;
    connection.counts.clear();
    connection.told = SyncToken::at(position);
    connection.tidy_sets();
    Ok(Some(connection))
}
