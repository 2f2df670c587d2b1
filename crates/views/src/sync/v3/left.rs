//! A room that the caller left, was removed from, or whose invitation they declined.

use std::collections::BTreeSet;

use projection::{Rows, ViewFault};
use ruma::{
    RoomId,
    api::client::sync::sync_events::v3::{LeftRoom, State, StateEvents},
    events::room::member::MembershipState,
    serde::Raw,
};

use super::query::Query;
use crate::{
    filter::is_wanted,
    membership::{RoomOfUser, history_of, is_forgotten, membership_at},
    rooms::entry_at,
    show::render_state,
    sync::{
        Caller,
        timeline::{Cut, chunk},
    },
};

const MEMBER: &str = "m.room.member";

/// What was new up to where the caller left; none for a room that was forgotten.
pub(super) fn room(
    rows: &dyn Rows,
    caller: Caller<'_>,
    query: &Query,
    room: &RoomId,
    of_user: &RoomOfUser,
) -> Result<Option<LeftRoom>, ViewFault> {
    if is_forgotten(rows, room, caller.user())? {
        return Ok(None);
    }
    let since = query.since().position;
    let after = told_after(rows, caller, room, of_user, since)?;
    let filter = &query.filter.room.timeline;
    let cut = Cut {
        after,
        through: Some(of_user.position),
        live_after: after,
        limit: query.timeline_limit(),
        wanted: &|row| is_wanted(filter, row),
    };
    let chunk = chunk(rows, caller, room, &cut)?;
    let mut left = LeftRoom::new();
    let mut state = chunk.state(rows, room, after)?;
    if !chunk.shows(of_user.position) {
        state.insert((MEMBER.to_owned(), caller.user().to_string()), of_user.position);
    }
    let positions: BTreeSet<u64> = state.into_values().collect();
    let mut events = Vec::with_capacity(positions.len());
    for position in positions {
        if let Some(row) = entry_at(rows, room.as_str(), position)?
            && is_wanted(&query.filter.room.state, &row)
        {
            events.push(Raw::from_json(render_state(rows, room, &(position, row), caller.viewer())?));
        }
    }
    left.state = State::Before(StateEvents::with_events(events));
    left.timeline.prev_batch = chunk.prev_batch();
    left.timeline.limited = chunk.limited;
    left.timeline.events = chunk.events;
    Ok(Some(left))
}

/// From where on the caller is told: from where they were told last; all that they saw, if they have come since; and if they never were in
/// the room, or were out of it already, nothing but what ended that.
fn told_after(
    rows: &dyn Rows,
    caller: Caller<'_>,
    room: &RoomId,
    of_user: &RoomOfUser,
    since: u64,
) -> Result<u64, ViewFault> {
    if since > 0 && membership_at(rows, room, caller.user(), since)? == MembershipState::Join {
        return Ok(since);
    }
    let has_come = history_of(rows, room, caller.user())?
        .iter()
        .any(|(at, membership)| *at > since && *membership == MembershipState::Join);
    Ok(if has_come { 0 } else { of_user.position.saturating_sub(1) })
}
