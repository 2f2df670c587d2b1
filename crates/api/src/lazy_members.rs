//! Members for clients that load them lazily.

use ruma::{events::AnyStateEvent, serde::Raw};
use views::rooms::{Entry, state_event_at};

use crate::{error::ApiError, reader::RoomReader};

/// The member events of those who sent `entries`, as of position `at`, for clients that load members lazily.
pub(crate) fn members_of_senders(
    reader: &RoomReader<'_>,
    entries: &[Entry],
    at: u64,
) -> Result<Vec<Raw<AnyStateEvent>>, ApiError> {
    let mut senders: Vec<_> = entries.iter().map(|(_, row)| &row.sender).collect();
    senders.sort_unstable();
    senders.dedup();
    let mut state = Vec::with_capacity(senders.len());
    for sender in senders {
        if let Some(member) = state_event_at(reader.rows, &reader.room, "m.room.member", sender.as_str(), at)? {
            state.push(reader.render_state(&member)?);
        }
    }
    Ok(state)
}
