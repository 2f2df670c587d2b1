//! What a connection had told, made anew from a position: after a restart nothing else is left of it.

use std::collections::BTreeMap;

use projection::{Rows, ViewFault, position_of_snapshot};
use ruma::{
    api::client::sync::sync_events::v5::{Request, Response, request::List},
    events::room::member::MembershipState,
};

use super::{
    Coverage,
    connection::{Connection, Scope, Shown, Wanted, is_present, is_shown_as},
    list,
    quiet::Quiet,
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

/// What a connection had told whose answer at this position had `coverage`, and whose requests wanted the same of the rooms as this one,
/// and, unless it had all, in the same windows. Rooms of which it cannot be known whether they were told count as never told, so that they
/// are told wholly. None when too little can be known.
///
/// # Errors
/// A [`ViewFault`] when rows cannot be read.
pub fn rebuilt(
    rows: &dyn Rows,
    caller: Caller<'_>,
    request: &Request,
    (position, coverage): (u64, Coverage),
) -> Result<Option<Connection>, ViewFault> {
    let now = position_of_snapshot(rows)?.0;
    // Which invitations were shown depends on who was ignored then.
    if position == 0 || position > now || caller.reader.changed_list_since(position) {
        return Ok(None);
    }
    let of_user = shown_rooms(rows, caller)?;
    let quiet = match coverage {
        Coverage::All => None,
        Coverage::Windows if direct_chats_changed(rows, caller, request, position)? => return Ok(None),
        Coverage::Windows => Some(Quiet::since(rows, caller.user(), &of_user, position)?),
    };
    let (mut connection, nothing) = (Connection::default(), Connection::default());
    let scope = Scope { rows, caller, before: &nothing, typing: &Unheard, position: now };
    let told = (&mut Response::new(String::new()), &mut connection);
    let mut wanted = match &quiet {
        None => wanted_rooms(scope, request, &of_user, &list::windows, told)?,
        Some(quiet) => wanted_rooms(scope, request, &of_user, &|rooms, ranges| quiet.windows(rooms, ranges), told)?,
    };
    let mut rooms = BTreeMap::new();
    for (room, of_user) in of_user {
        let was = if of_user.position <= position {
            of_user.membership.clone()
        } else {
            membership_at(rows, &room, caller.user(), position)?
        };
        let wanted = wanted.remove(&room);
        // That they left is news for whoever was told of the room, and does no harm to others.
        let was_told = coverage == Coverage::All || wanted.is_some() || !is_present(&of_user);
        if is_shown_as(&was) && was_told {
            let Wanted { limit, required } = wanted.unwrap_or_default();
            rooms.insert(room, Shown { through: position, joined: was == MembershipState::Join, limit, required });
        }
    }
    connection.rooms = rooms;
    connection.counts.clear();
    connection.told = SyncToken::at(position);
    connection.tidy_sets();
    Ok(Some(connection))
}

/// Whether a list asks for direct chats, and others have become so since.
fn direct_chats_changed(rows: &dyn Rows, caller: Caller<'_>, request: &Request, position: u64) -> Result<bool, ViewFault> {
    let asks = |list: &List| list.filters.as_ref().is_some_and(|filters| filters.is_dm.is_some());
    Ok(request.lists.values().any(asks) && list::direct_changed_since(rows, caller.user(), position)?)
}
