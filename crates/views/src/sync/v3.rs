//! `GET /_matrix/client/v3/sync` (spec: "Syncing").

mod joined;
mod left;
mod query;

use projection::{Rows, ViewFault, position_of_snapshot};
use ruma::{
    RoomId,
    api::client::sync::sync_events::v3::{InviteState, InvitedRoom, KnockState, KnockedRoom, Response},
    events::room::member::MembershipState,
    serde::Raw,
};

use super::{Caller, TO_DEVICE_MAX, Typing, device_lists, event, keys_left, new_data};
use crate::{
    SyncToken,
    filter::wants_type,
    inbox,
    membership::{RoomOfUser, is_unwanted, rooms_of},
    rooms::stripped_state,
};

pub use query::Query;

use query::Scope;

/// Everything new for the caller, and whether that is nothing.
///
/// # Errors
/// A [`ViewFault`] when rows cannot be read.
pub fn sync(rows: &dyn Rows, caller: Caller<'_>, query: &Query, typing: &dyn Typing) -> Result<(Response, bool), ViewFault> {
    let since = query.since();
    let position = position_of_snapshot(rows)?.0;
    let mut response = Response::new(SyncToken { position, typing: typing.newest() }.to_string());
    let data = new_data(rows, caller, since.position)?;
    let scope = Scope { rows, caller, query, typing, data: &data };
    let rooms = rooms_of(rows, caller.user())?;
    for (room, of_user) in rooms.iter().filter(|(room, _)| query.wants_room(room)) {
        add_room(scope, &mut response, room, of_user)?;
    }
    for (event_type, content) in &data.global {
        let filter = &query.filter.account_data;
        if wants_type(filter.types.as_deref(), &filter.not_types, event_type) {
            response.account_data.events.push(event(event_type, content)?);
        }
    }
    let waiting = inbox::inbox_page(rows, caller.reader, caller.device, (since.position, position), TO_DEVICE_MAX)?;
    if waiting.is_full {
        // The rest comes with the next request: nothing after the page may count as told.
        response.next_batch = SyncToken { position: waiting.through, typing: since.typing }.to_string();
    }
    response.to_device.events = waiting.events;
    if query.since.is_some() {
        response.device_lists = device_lists(rows, caller, &rooms, since.position)?;
    }
    let is_empty = response.rooms.is_empty()
        && response.account_data.is_empty()
        && response.to_device.is_empty()
        && !waiting.is_full
        && response.device_lists.is_empty();
    let keys = keys_left(rows, caller.user(), caller.device)?;
    response.device_one_time_keys_count = keys.one_time;
    response.device_unused_fallback_key_types = Some(keys.fallback);
    Ok((response, is_empty && query.since.is_some()))
}

fn add_room(scope: Scope<'_>, response: &mut Response, room: &RoomId, of_user: &RoomOfUser) -> Result<(), ViewFault> {
    let Scope { rows, caller, query, .. } = scope;
    let since = query.since().position;
    let is_news = of_user.position > since;
    match of_user.membership {
        MembershipState::Join => {
            if let Some(joined) = joined::room(scope, room, of_user)? {
                response.rooms.join.insert(room.to_owned(), joined);
            }
        }
        // Who is no longer ignored, has perhaps invited the caller in the meantime.
        MembershipState::Invite if is_news || caller.reader.changed_list_since(since) => {
            if is_unwanted(rows, caller.reader, room, of_user)? {
                return Ok(());
            }
            let events = stripped(rows, caller, room)?;
            let mut invited = InvitedRoom::new();
            invited.invite_state = InviteState::new();
            invited.invite_state.events = events;
            response.rooms.invite.insert(room.to_owned(), invited);
        }
        MembershipState::Knock if is_news => {
            let mut state = KnockState::new();
            state.events = stripped(rows, caller, room)?;
            response.rooms.knock.insert(room.to_owned(), KnockedRoom::from(state));
        }
        MembershipState::Leave | MembershipState::Ban if is_news => {
            if (query.since.is_some() || query.filter.room.include_leave)
                && !is_unwanted(rows, caller.reader, room, of_user)?
                && let Some(left) = left::room(rows, caller, query, room, of_user)?
            {
                response.rooms.leave.insert(room.to_owned(), left);
            }
        }
        _ => {}
    }
    Ok(())
}

fn stripped<T>(rows: &dyn Rows, caller: Caller<'_>, room: &RoomId) -> Result<Vec<Raw<T>>, ViewFault> {
    Ok(stripped_state(rows, room, caller.user())?.into_iter().map(Raw::from_json).collect())
}
