//! A room that the caller left, was removed from, or whose invitation they declined.

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
    membership::{RoomOfUser, is_forgotten, membership_at},
    rooms::{entry_at, state_changes},
    show::render_state,
    sync::{
        Caller,
        timeline::{Cut, chunk},
    },
};

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
    let was_joined = membership_at(rows, room, caller.user(), of_user.position.saturating_sub(1))? == MembershipState::Join;
    // Who declines an invitation is told of nothing but that.
    let after = if was_joined { since } else { of_user.position.saturating_sub(1) };
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
    let mut events = Vec::new();
    let before = chunk.first.unwrap_or(of_user.position + 1).saturating_sub(1);
    for position in state_changes(rows, room, after, before)?.into_values() {
        if let Some(row) = entry_at(rows, room.as_str(), position)? {
            events.push(Raw::from_json(render_state(rows, room, &(position, row), caller.viewer())?));
        }
    }
    left.state = State::Before(StateEvents::with_events(events));
    left.timeline.prev_batch = chunk.prev_batch();
    left.timeline.limited = chunk.limited;
    left.timeline.events = chunk.events;
    Ok(Some(left))
}
