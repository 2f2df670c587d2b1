//! Events in the format of servers (spec: "Filtering", `event_format`), for the few clients that ask for it: as they were signed.

use std::collections::BTreeMap;

use domain::Fact;
use engine::Engine;
use ruma::{
    OwnedEventId,
    api::client::sync::sync_events::v3::{Response, State},
    serde::Raw,
};
use serde_json::value::RawValue;
use views::{Rows, ViewFault, rooms::entry_of_event};

use crate::error::ApiError;

/// Puts what was signed in the place of what clients are shown of it. What was erased stays as it is.
pub(super) fn federate(engine: &Engine, rows: &dyn Rows, response: &mut Response) -> Result<(), ApiError> {
    let rooms = &mut response.rooms;
    for room in rooms.join.values_mut() {
        events(engine, rows, &mut room.timeline.events)?;
        state(engine, rows, &mut room.state)?;
    }
    for room in rooms.leave.values_mut() {
        events(engine, rows, &mut room.timeline.events)?;
        state(engine, rows, &mut room.state)?;
    }
    Ok(())
}

fn state(engine: &Engine, rows: &dyn Rows, state: &mut State) -> Result<(), ApiError> {
    match state {
        State::Before(state) | State::After(state) => events(engine, rows, &mut state.events),
        // Ruma may come to know more kinds; the views make these two.
        _ => Ok(()),
    }
}

fn events<T>(engine: &Engine, rows: &dyn Rows, events: &mut [Raw<T>]) -> Result<(), ApiError> {
    for event in events {
        if let Some(signed) = signed(engine, rows, event)? {
            *event = Raw::from_json(signed);
        }
    }
    Ok(())
}

/// An event as it was signed, with its id and what is known beside it.
fn signed<T>(engine: &Engine, rows: &dyn Rows, event: &Raw<T>) -> Result<Option<Box<RawValue>>, ApiError> {
    let Some(event_id) = event.get_field::<OwnedEventId>("event_id").ok().flatten() else { return Ok(None) };
    let Some((_, (position, _))) = entry_of_event(rows, &event_id)? else { return Ok(None) };
    let Some(Fact::PduAdded(added)) = engine.fact_at(position)? else { return Ok(None) };
    let not_json = |error| ViewFault::caused("a PDU has no JSON form", error);
    let mut members: BTreeMap<String, Box<RawValue>> = serde_json::from_str(added.pdu.json.get()).map_err(not_json)?;
    for beside in ["event_id", "unsigned"] {
        if let Some(value) = event.get_field::<Box<RawValue>>(beside).ok().flatten() {
            members.insert(beside.to_owned(), value);
        }
    }
    Ok(Some(serde_json::value::to_raw_value(&members).map_err(not_json)?))
}
