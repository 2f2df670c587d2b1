//! `GET /_matrix/client/v3/rooms/{roomId}/context/{eventId}`

use axum::{Json, extract::State};
use engine::Engine;
use ruma::{
    api::client::{context::get_context::v3::Request, filter::LazyLoadOptions},
    events::{AnyStateEvent, AnyTimelineEvent},
    serde::Raw,
};
use serde::Serialize;
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

/// The answer, with all that every server sends: ruma leaves out what is empty, and clients miss it.
#[derive(Serialize)]
pub(crate) struct Context {
    start: String,
    end: String,
    event: Raw<AnyTimelineEvent>,
    events_before: Vec<Raw<AnyTimelineEvent>>,
    events_after: Vec<Raw<AnyTimelineEvent>>,
    state: Vec<Raw<AnyStateEvent>>,
}

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    Ruma(request): Ruma<Request>,
) -> Result<Json<Context>, ApiError> {
    engine
        .read(&sender.user_id, |rows| {
            let reader = RoomReader::open(rows, &sender, &request.room_id)?;
            let event = reader.event(&request.event_id)?;
            // A limit of zero is for the event and the state alone.
            let limit = if u64::from(request.limit) == 0 { 0 } else { bounded(request.limit, CONTEXT_MAX) };
            let (position, half) = (event.0, limit / 2);
            let before = timeline_before(rows, &request.room_id, position.saturating_sub(1), half)?;
            let after = timeline_after(rows, &request.room_id, position, limit - half)?;
            let start = before.last().map_or(position, |(first, _)| *first).saturating_sub(1);
            let end = after.last().map_or(position, |(last, _)| *last);
            let shown = |entries: Vec<Entry>| -> Vec<Entry> {
                let may_see = |entry: &Entry| reader.sight.may_see(entry) && is_wanted(&request.filter, &entry.1);
                entries.into_iter().filter(may_see).collect()
            };
            let (before, after) = (shown(before), shown(after));
            let rendered =
                |entries: &[Entry]| entries.iter().map(|entry| reader.render(entry)).collect::<Result<_, ApiError>>();
            let (events_before, events_after) = (rendered(&before)?, rendered(&after)?);
            let shown = reader.render(&event)?;
            let all: Vec<Entry> = before.into_iter().chain([event]).chain(after).collect();
            let state = state(&reader, &request, &all, end)?;
            let (start, end) = (token_of(start), token_of(end));
            Ok(Json(Context { start, end, event: shown, events_before, events_after, state }))
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
