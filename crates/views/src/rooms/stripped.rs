//! The few pieces of state that somebody outside is shown of a room (spec: "Stripped state").

use projection::{Rows, ViewFault};
use ruma::{RoomId, UserId};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use super::{row::TimelineRow, state::state_event};

/// State that tells somebody who was invited, or who knocks, what the room is.
const SHOWN: [&str; 8] = [
    "m.room.create",
    "m.room.join_rules",
    "m.room.name",
    "m.room.avatar",
    "m.room.topic",
    "m.room.encryption",
    "m.room.canonical_alias",
    "m.room.tombstone",
];

/// One event with nothing but type, sender, state key and content.
#[derive(Serialize)]
struct StrippedState<'a> {
    content: &'a RawValue,
    sender: &'a UserId,
    state_key: &'a str,
    #[serde(rename = "type")]
    event_type: &'a str,
}

/// What `user`, who is invited to or knocks on the room, is shown of it: its set-up, who invites, and the own member
/// event. JSON of stripped state events.
///
/// # Errors
/// A [`ViewFault`] when rows cannot be read.
pub fn stripped_state(rows: &dyn Rows, room: &RoomId, user: &UserId) -> Result<Vec<Box<RawValue>>, ViewFault> {
    let mut shown = Vec::with_capacity(SHOWN.len() + 2);
    for event_type in SHOWN {
        if let Some((_, row)) = state_event(rows, room, event_type, "")? {
            shown.push(strip(&row)?);
        }
    }
    if let Some((_, own)) = state_event(rows, room, "m.room.member", user.as_str())? {
        if own.sender != user
            && let Some((_, inviter)) = state_event(rows, room, "m.room.member", own.sender.as_str())?
        {
            shown.push(strip(&inviter)?);
        }
        shown.push(strip(&own)?);
    }
    Ok(shown)
}

fn strip(row: &TimelineRow) -> Result<Box<RawValue>, ViewFault> {
    let stripped = StrippedState {
        content: &row.content,
        sender: &row.sender,
        state_key: row.state_key.as_deref().unwrap_or_default(),
        event_type: &row.event_type,
    };
    to_raw_value(&stripped).map_err(|error| ViewFault::caused("a stripped state event does not encode", error))
}
