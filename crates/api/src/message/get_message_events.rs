//! `GET /_matrix/client/v3/rooms/{roomId}/messages`

use axum::extract::State;
use engine::Engine;
use ruma::api::{
    Direction,
    client::{
        filter::{LazyLoadOptions, RoomEventFilter},
        message::get_message_events::v3::{Request, Response},
    },
};
use views::{
    Rows,
    filter::{is_wanted, wants_room},
    rooms::{Entry, timeline_after, timeline_before},
};

use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
    lazy_members::members_of_senders,
    reader::{RoomReader, bounded, position_of, token_of},
};

/// The most events that one response holds.
const MESSAGES_MAX: usize = 500;
/// How many events are looked at to find those that a filter wants; the client goes on from there.
const LOOKED_AT_MAX: usize = 5_000;

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    Ruma(request): Ruma<Request>,
) -> Result<Ruma<Response>, ApiError> {
    engine
        .read(&sender.user_id, |rows| {
            let reader = RoomReader::open(rows, &sender, &request.room_id)?;
            let page = page(rows, &reader, &request)?;
            let mut response = Response::new();
            response.start = token_of(page.start);
            response.end = page.end.map(token_of);
            response.chunk = page.entries.iter().map(|entry| reader.render(entry)).collect::<Result<_, _>>()?;
            if !matches!(request.filter.lazy_load_options, LazyLoadOptions::Disabled) {
                let newest = page.entries.iter().map(|(position, _)| *position).max().unwrap_or_default();
                response.state = members_of_senders(&reader, &page.entries, newest)?;
            }
            Ok(Ruma(response))
        })
        .await
}

struct Page {
    /// The position that the page starts behind (backwards: at which it starts).
    start: u64,
    entries: Vec<Entry>,
    /// Where the next page starts; none at the end of the timeline.
    end: Option<u64>,
}

fn page(rows: &dyn Rows, reader: &RoomReader<'_>, request: &Request) -> Result<Page, ApiError> {
    let backwards = request.dir == Direction::Backward;
    let limit = bounded(request.filter.limit.map_or(request.limit, |limit| limit.min(request.limit)), MESSAGES_MAX);
    let to = request.to.as_deref().map(position_of).transpose()?;
    let start = match (&request.from, backwards) {
        (Some(from), _) => position_of(from)?,
        (None, true) => views::rooms::newest_position(rows, &reader.room)?.unwrap_or_default(),
        (None, false) => 0,
    };
    let filter = &request.filter;
    let (mut at, mut entries, mut looked_at) = (start, Vec::new(), 0);
    loop {
        let batch = if backwards {
            timeline_before(rows, &reader.room, at, limit)?
        } else {
            timeline_after(rows, &reader.room, at, limit)?
        };
        if batch.is_empty() {
            return Ok(ended(start, entries, at, backwards));
        }
        for entry in batch {
            let position = entry.0;
            // A token stands right behind its position, so that backwards it ends above it.
            if to.is_some_and(|to| if backwards { position <= to } else { position > to }) {
                return Ok(ended(start, entries, at, backwards));
            }
            at = if backwards { position.saturating_sub(1) } else { position };
            looked_at += 1;
            if is_shown(reader, filter, &entry) {
                entries.push(entry);
            }
            if entries.len() == limit || looked_at == LOOKED_AT_MAX {
                return Ok(Page { start, entries, end: more(rows, reader, at, backwards)?.then_some(at) });
            }
        }
    }
}

/// A page behind which there is nothing now. Forwards a client that has seen something asks again from there later.
fn ended(start: u64, entries: Vec<Entry>, at: u64, backwards: bool) -> Page {
    let end = (!backwards && !entries.is_empty()).then_some(at);
    Page { start, entries, end }
}

fn is_shown(reader: &RoomReader<'_>, filter: &RoomEventFilter, entry: &Entry) -> bool {
    reader.sight.may_see(entry) && wants_room(filter, &reader.room) && is_wanted(filter, &entry.1)
}

/// Whether anything comes after the page. At the newest end a client asks again later, so that there is always more.
fn more(rows: &dyn Rows, reader: &RoomReader<'_>, at: u64, backwards: bool) -> Result<bool, ApiError> {
    Ok(!backwards || !timeline_before(rows, &reader.room, at, 1)?.is_empty())
}
