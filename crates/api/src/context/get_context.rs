//! `GET /_matrix/client/v3/rooms/{roomId}/context/{eventId}`

use axum::extract::State;
use engine::Engine;
use ruma::{
    api::client::{
        context::get_context::v3::{Request, Response},
        filter::LazyLoadOptions,
    },
    events::AnyStateEvent,
    serde::Raw,
};
use views::{
    filter::is_wanted,
    rooms::{Entry, timeline_after, timeline_before},
};

use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
    lazy_members::members_of_senders,
    reader::{RoomReader, bounded, token_of},
};

/// The most events that stand around one.
const CONTEXT_MAX: usize = 200;

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    Ruma(request): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    engine
        .read(&sender.user_id, |rows| {
            let reader = RoomReader::open(rows, &sender, &request.room_id)?;
            let event = reader.event(&request.event_id)?;
            // A limit of zero is for the event and the state alone.
            let limit = if u64::from(request.limit) == 0 { 0 } else { bounded(request.limit, CONTEXT_MAX) };
            let (position, half) = (event.0, limit / 2);
            let before = timeline_before(rows, &request.room_id, position.saturating_sub(1), limit - half)?;
            let after = timeline_after(rows, &request.room_id, position, half)?;
            let start = before.last().map_or(position, |(first, _)| *first).saturating_sub(1);
            let end = after.last().map_or(position, |(last, _)| *last);
            let shown = |entries: Vec<Entry>| -> Vec<Entry> {
                let may_see = |entry: &Entry| reader.sight.may_see(entry) && is_wanted(&request.filter, &entry.1);
                entries.into_iter().filter(may_see).collect()
            };
            let (before, after) = (shown(before), shown(after));
            let mut response = Response::new();
            response.start = Some(token_of(start));
            response.end = Some(token_of(end));
            response.event = Some(reader.render(&event)?);
            response.events_before = before.iter().map(|entry| reader.render(entry)).collect::<Result<_, _>>()?;
            response.events_after = after.iter().map(|entry| reader.render(entry)).collect::<Result<_, _>>()?;
            let all: Vec<Entry> = before.into_iter().chain([event]).chain(after).collect();
            response.state = state(&reader, &request, &all, end)?;
            Ok(Ruma(response))
        })
        .await
}

/// The state as of the last event that is shown; of members only the senders when they are loaded lazily.
fn state(reader: &RoomReader<'_>, request: &Request, shown: &[Entry], at: u64) -> Result<Vec<Raw<AnyStateEvent>>, ApiError> {
    let lazy = !matches!(request.filter.lazy_load_options, LazyLoadOptions::Disabled);
    let mut state = Vec::new();
    for entry in reader.state(Some(at))? {
        if !(lazy && entry.1.event_type == "m.room.member") {
            state.push(reader.render_state(&entry)?);
        }
    }
    if lazy {
        state.extend(members_of_senders(reader, shown, at)?);
    }
    Ok(state)
}
