//! Messages: sending one, and reading back.

mod get_message_events;
mod send_message_event;

use ruma::{api::client::message as ruma_message, events::AnyStateEvent, serde::Raw};
use views::rooms::{Entry, state_event_at};

use crate::{
    endpoint::{Class, Routes},
    error::ApiError,
    reader::Reader,
};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .endpoint::<ruma_message::get_message_events::v3::Request, _, _>(Class::Read, get_message_events::handle)
        .endpoint::<ruma_message::send_message_event::v3::Request, _, _>(Class::Write, send_message_event::handle)
}

/// The member events of those who sent `entries`, as of position `at`, for clients that load members lazily.
pub(crate) fn members_of_senders(
    reader: &Reader<'_>,
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
