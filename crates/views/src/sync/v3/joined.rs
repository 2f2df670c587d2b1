//! A room that the caller is in.

use std::collections::{BTreeMap, BTreeSet};

use projection::{Rows, ViewFault};
use ruma::{
    RoomId, UInt, UserId,
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
    rooms::{StateKey, current_state, entry_at, may_have_newer, state_at, state_changes},
    show::render_state,
    sync::{
        Caller, ephemeral, event, room_data,
        timeline::{Chunk, Cut, chunk},
        unread,
    },
};

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
    joined.unread_notifications = unread(rows, caller, room)?;
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
    let changes = if known_since == 0 || query.full_state {
        match (query.use_state_after, chunk.first) {
            (false, Some(first)) => state_at(rows, room, first.saturating_sub(1))?,
            _ => current_state(rows, room)?,
        }
    } else {
        let through = if query.use_state_after { END } else { before(&chunk) };
        state_changes(rows, room, known_since, through)?
    };
    let members_changed = known_since == 0 || has_member_change(rows, room, known_since)?;
    let events = state_events(rows, caller, query, room, &chunk, changes)?;
    joined.state = if query.use_state_after {
        State::After(StateEvents::with_events(events))
    } else {
        State::Before(StateEvents::with_events(events))
    };
    joined.timeline.prev_batch = chunk.prev_batch();
    joined.timeline.limited = chunk.limited;
    joined.timeline.events = chunk.events;
    if members_changed {
        joined.summary = room_summary(rows, room, caller.user())?;
    }
    Ok(())
}

/// The position in front of a chunk.
fn before(chunk: &Chunk) -> u64 {
    chunk.first.map_or(END, |first| first.saturating_sub(1))
}

fn has_member_change(rows: &dyn Rows, room: &RoomId, since: u64) -> Result<bool, ViewFault> {
    Ok(state_changes(rows, room, since, END)?.keys().any(|(event_type, _)| event_type == "m.room.member"))
}

fn room_summary(rows: &dyn Rows, room: &RoomId, user: &UserId) -> Result<RoomSummary, ViewFault> {
    let found = summary(rows, room, user)?;
    let mut summary = RoomSummary::new();
    summary.heroes = found.heroes.into_iter().map(|(user, _)| user).collect();
    summary.joined_member_count = count(found.joined);
    summary.invited_member_count = count(found.invited);
    Ok(summary)
}

/// The state that goes with a chunk. With lazy loading, of the members only those who sent something and the caller.
fn state_events(
    rows: &dyn Rows,
    caller: Caller<'_>,
    query: &Query,
    room: &RoomId,
    chunk: &Chunk,
    mut state: BTreeMap<StateKey, u64>,
) -> Result<Vec<Raw<AnySyncStateEvent>>, ViewFault> {
    let filter = &query.filter.room.state;
    if matches!(filter.lazy_load_options, LazyLoadOptions::Enabled { .. }) {
        let mut needed: BTreeSet<&str> = chunk.senders.iter().map(|sender| sender.as_str()).collect();
        needed.insert(caller.user().as_str());
        state.retain(|(event_type, key), _| event_type != "m.room.member" || needed.contains(key.as_str()));
        let at = before(chunk);
        for sender in &chunk.senders {
            let key = ("m.room.member".to_owned(), sender.to_string());
            if !state.contains_key(&key)
                && let Some((position, _)) = crate::rooms::state_event_at(rows, room, &key.0, &key.1, at)?
            {
                state.insert(key, position);
            }
        }
    }
    let mut events = Vec::with_capacity(state.len());
    for position in state.into_values() {
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
