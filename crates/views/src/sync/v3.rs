//! `GET /_matrix/client/v3/sync` (spec: "Syncing").

mod joined;
mod left;

use projection::{Fault, Rows, position_of_snapshot};
use ruma::{
    OwnedRoomId, RoomId, UInt,
    api::client::{
        filter::FilterDefinition,
        sync::sync_events::v3::{InviteState, InvitedRoom, KnockState, KnockedRoom, Response},
    },
    events::room::member::MembershipState,
    serde::Raw,
};

use super::{Caller, NewData, TO_DEVICE_MAX, Typing, device_lists, event, keys_left, new_data};
use crate::{
    SyncToken,
    filter::wants_type,
    inbox,
    membership::{RoomOfUser, rooms_of},
    rooms::stripped_state,
};

/// Timeline events of a room when the filter does not say.
const TIMELINE_DEFAULT: usize = 20;

/// What a client asks for.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// Where the last response ended; none for all there is.
    pub since: Option<SyncToken>,
    /// What is wanted of it.
    pub filter: FilterDefinition,
    /// All state of all rooms, though it was told before.
    pub full_state: bool,
    /// State as of the end of the timeline instead of its start (MSC4222).
    pub use_state_after: bool,
}

impl Query {
    fn since(&self) -> SyncToken {
        self.since.unwrap_or_default()
    }

    fn timeline_limit(&self) -> usize {
        let asked = self.filter.room.timeline.limit.map(|limit| usize::try_from(u64::from(limit)).unwrap_or(usize::MAX));
        asked.unwrap_or(TIMELINE_DEFAULT).clamp(1, super::TIMELINE_MAX)
    }

    fn wants_room(&self, room: &RoomId) -> bool {
        let filter = &self.filter.room;
        let listed = |rooms: &Vec<OwnedRoomId>| rooms.iter().any(|listed| listed == room);
        filter.rooms.as_ref().is_none_or(listed) && !listed(&filter.not_rooms)
    }
}

/// Everything new for the caller, and whether that is nothing.
///
/// # Errors
/// A [`Fault`] when rows cannot be read.
pub fn sync(rows: &dyn Rows, caller: Caller<'_>, query: &Query, typing: &dyn Typing) -> Result<(Response, bool), Fault> {
    let since = query.since();
    let position = position_of_snapshot(rows)?.0;
    let mut response = Response::new(SyncToken { position, typing: typing.newest() }.to_string());
    let data = new_data(rows, caller, since.position)?;
    let scope = Scope { rows, caller, query, typing, data: &data };
    let rooms = rooms_of(rows, caller.user)?;
    for (room, of_user) in rooms.iter().filter(|(room, _)| query.wants_room(room)) {
        add_room(scope, &mut response, room, of_user)?;
    }
    for (event_type, content) in &data.global {
        let filter = &query.filter.account_data;
        if wants_type(filter.types.as_deref(), &filter.not_types, event_type) {
            response.account_data.events.push(event(event_type, content)?);
        }
    }
    let waiting = inbox::inbox_page(rows, caller.user, caller.device, since.position, position, TO_DEVICE_MAX)?;
    if waiting.len() == TO_DEVICE_MAX
        && let Some((last, _)) = waiting.last()
    {
        // The rest comes with the next request: nothing after the last message told may count as told.
        response.next_batch = SyncToken { position: *last, typing: since.typing }.to_string();
    }
    response.to_device.events = waiting.into_iter().map(|(_, message)| message).collect();
    if query.since.is_some() {
        response.device_lists = device_lists(rows, caller, &rooms, since.position)?;
    }
    let is_empty = response.rooms.is_empty()
        && response.account_data.is_empty()
        && response.to_device.is_empty()
        && response.device_lists.is_empty();
    let keys = keys_left(rows, caller)?;
    response.device_one_time_keys_count = keys.one_time;
    response.device_unused_fallback_key_types = Some(keys.fallback);
    Ok((response, is_empty && query.since.is_some()))
}

/// What one request is answered from.
#[derive(Clone, Copy)]
struct Scope<'a> {
    rows: &'a dyn Rows,
    caller: Caller<'a>,
    query: &'a Query,
    typing: &'a dyn Typing,
    data: &'a NewData,
}

fn add_room(scope: Scope<'_>, response: &mut Response, room: &RoomId, of_user: &RoomOfUser) -> Result<(), Fault> {
    let Scope { rows, caller, query, .. } = scope;
    let is_news = of_user.position > query.since().position;
    match of_user.membership {
        MembershipState::Join => {
            if let Some(joined) = joined::room(scope, room, of_user)? {
                response.rooms.join.insert(room.to_owned(), joined);
            }
        }
        MembershipState::Invite if is_news => {
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
                && let Some(left) = left::room(rows, caller, query, room, of_user)?
            {
                response.rooms.leave.insert(room.to_owned(), left);
            }
        }
        _ => {}
    }
    Ok(())
}

fn stripped<T>(rows: &dyn Rows, caller: Caller<'_>, room: &RoomId) -> Result<Vec<Raw<T>>, Fault> {
    Ok(stripped_state(rows, room, caller.user)?.into_iter().map(Raw::from_json).collect())
}

/// A count as the wire has it.
fn count(count: usize) -> Option<UInt> {
    Some(UInt::try_from(count).unwrap_or(UInt::MAX))
}
