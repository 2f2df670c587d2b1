//! A room that the caller is in.

use std::collections::{BTreeMap, BTreeSet};

use projection::{Rows, ViewFault};
use ruma::{
    OwnedUserId, RoomId, UInt, UserId,
    api::client::{
        filter::LazyLoadOptions,
        sync::sync_events::v3::{JoinedRoom, RoomSummary, State, StateEvents},
    },
    events::{AnySyncStateEvent, room::member::MembershipState},
    serde::Raw,
};

use super::query::{Query, Scope};
use crate::{
    END, SyncToken,
    filter::is_wanted,
    membership::{RoomOfUser, membership_at, summary},
    receipts::unread_by_thread,
    rooms::{StateKey, current_state, entry_at, may_have_newer, state_changes},
    show::render_state,
    sync::{
        Caller, counts, ephemeral, event, room_data,
        timeline::{Cut, chunk},
    },
};

const MEMBER: &str = "m.room.member";

/// What is new in the room; none when nothing is.
pub(super) fn room(scope: Scope<'_>, room: &RoomId, of_user: &RoomOfUser) -> Result<Option<JoinedRoom>, ViewFault> {
    let Scope { rows, caller, query, typing, data } = scope;
    let since = query.since();
    let was_joined = query.since.is_some()
        && (of_user.position <= since.position
            || membership_at(rows, room, caller.user(), since.position)? == MembershipState::Join);
    // Somebody who has just joined knows nothing of the room yet.
    let known_since = if was_joined { since.position } else { 0 };
    let mut joined = JoinedRoom::new();
    if query.full_state || may_have_newer(rows, room, known_since) {
        add_timeline(rows, caller, query, room, known_since, &mut joined)?;
    }
    joined.ephemeral.events = ephemeral(rows, caller, room, SyncToken { position: known_since, ..since }, typing)?;
    joined.account_data.events = if known_since == 0 {
        room_data(rows, caller, room)?
    } else {
        let new = data.rooms.get(room).into_iter().flatten();
        new.map(|(event_type, content)| event(event_type, content)).collect::<Result<_, _>>()?
    };
    if joined.is_empty() {
        return Ok(None);
    }
    let unread = unread_by_thread(rows, room, caller.reader)?;
    if query.filter.room.timeline.unread_thread_notifications {
        joined.unread_notifications = counts(unread.main);
        joined.unread_thread_notifications =
            unread.threads.into_iter().map(|(root, unread)| (root, counts(unread))).collect();
    } else {
        joined.unread_notifications = counts(unread.all());
    }
    Ok(Some(joined))
}

fn add_timeline(
    rows: &dyn Rows,
    caller: Caller<'_>,
    query: &Query,
    room: &RoomId,
    known_since: u64,
    joined: &mut JoinedRoom,
) -> Result<(), ViewFault> {
    let filter = &query.filter.room.timeline;
    let cut = Cut {
        after: known_since,
        through: None,
        live_after: known_since,
        limit: query.timeline_limit(),
        wanted: &|row| is_wanted(filter, row),
    };
    let chunk = chunk(rows, caller, room, &cut)?;
    let known = if query.full_state { 0 } else { known_since };
    let state = match (query.use_state_after, known) {
        (true, 0) => current_state(rows, room)?,
        (true, known) => state_changes(rows, room, known, END)?,
        (false, known) => chunk.state(rows, room, known)?,
    };
    if known_since == 0 || has_member_change(rows, room, known_since)? {
        joined.summary = room_summary(rows, room, caller.user())?;
    }
    let at = if query.use_state_after { END } else { chunk.before };
    let needed = Needed { senders: &chunk.senders, heroes: &joined.summary.heroes, known_since, at };
    let events = state_events(rows, caller, query, room, &needed, state)?;
    joined.state = if query.use_state_after {
        State::After(StateEvents::with_events(events))
    } else {
        State::Before(StateEvents::with_events(events))
    };
    joined.timeline.prev_batch = chunk.prev_batch();
    joined.timeline.limited = chunk.limited;
    joined.timeline.events = chunk.events;
    Ok(())
}

fn has_member_change(rows: &dyn Rows, room: &RoomId, since: u64) -> Result<bool, ViewFault> {
    Ok(state_changes(rows, room, since, END)?.keys().any(|(event_type, _)| event_type == MEMBER))
}

fn room_summary(rows: &dyn Rows, room: &RoomId, user: &UserId) -> Result<RoomSummary, ViewFault> {
    let found = summary(rows, room, user)?;
    let mut summary = RoomSummary::new();
    summary.heroes = found.heroes.into_iter().map(|(user, _)| user).collect();
    summary.joined_member_count = count(found.joined);
    summary.invited_member_count = count(found.invited);
    Ok(summary)
}

/// Whose memberships a client needs that loads members lazily.
struct Needed<'a> {
    /// Who sent what the timeline shows.
    senders: &'a [OwnedUserId],
    /// Who stands for the room, where it is described anew.
    heroes: &'a [OwnedUserId],
    /// Up to where the client knows the room: 0 when it does not.
    known_since: u64,
    /// They are told as of here.
    at: u64,
}

/// The events of a state. With lazy loading, of the members only those who are needed, the caller, and whoever came or went since the
/// client was told last: it encrypts for these.
fn state_events(
    rows: &dyn Rows,
    caller: Caller<'_>,
    query: &Query,
    room: &RoomId,
    needed: &Needed<'_>,
    mut state: BTreeMap<StateKey, u64>,
) -> Result<Vec<Raw<AnySyncStateEvent>>, ViewFault> {
    let filter = &query.filter.room.state;
    if matches!(filter.lazy_load_options, LazyLoadOptions::Enabled { .. }) {
        let users: BTreeSet<&UserId> = needed.senders.iter().chain(needed.heroes).map(|user| &**user).collect();
        let is_needed = |key: &str| key == caller.user().as_str() || users.iter().any(|user| user.as_str() == key);
        let is_change = |position: u64| needed.known_since > 0 && position > needed.known_since;
        state.retain(|(event_type, key), position| event_type != MEMBER || is_needed(key) || is_change(*position));
        for user in users {
            let key = (MEMBER.to_owned(), user.to_string());
            if !state.contains_key(&key)
                && let Some((position, _)) = crate::rooms::state_event_at(rows, room, &key.0, &key.1, needed.at)?
            {
                state.insert(key, position);
            }
        }
    }
    let positions: BTreeSet<u64> = state.into_values().collect();
    let mut events = Vec::with_capacity(positions.len());
    for position in positions {
        if let Some(row) = entry_at(rows, room.as_str(), position)?
            && is_wanted(filter, &row)
        {
            events.push(Raw::from_json(render_state(rows, room, &(position, row), caller.viewer())?));
        }
    }
    Ok(events)
}

/// A count as the wire has it.
fn count(count: usize) -> Option<UInt> {
    Some(UInt::try_from(count).unwrap_or(UInt::MAX))
}
