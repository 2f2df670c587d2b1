//! `POST /_matrix/client/v3/search`

use std::collections::{BTreeMap, BTreeSet};

use axum::{Json, extract::State};
use engine::Engine;
use ruma::{
    OwnedEventId, OwnedRoomId, OwnedUserId, RoomId,
    api::client::search::search_events::v3::{Criteria, GroupingKey, Request},
    events::{AnyStateEvent, AnyTimelineEvent},
    serde::Raw,
};
use serde::{Deserialize, Serialize};
use views::{
    Rows,
    filter::{is_wanted, wants_room},
    rooms::{Entry, state_event, timeline_before},
};

use super::{
    context::{Around, around},
    matching::Wanted,
};
use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
    reader::{RoomReader, bounded, position_of, token_of},
};

/// Results of one request, and how many there are when the client does not say.
const RESULTS_MAX: usize = 100;
const RESULTS_DEFAULT: u32 = 10;
/// Events that are looked at for one request, of all rooms together.
const LOOKED_AT_MAX: usize = 10_000;
/// Of one room at once.
const STEP_EVENTS: usize = 250;
/// Rooms before a room, each replaced by the next, that are searched with it.
const PREDECESSORS_MAX: usize = 10;

#[derive(Serialize)]
pub(crate) struct Found {
    search_categories: Categories,
}

#[derive(Default, Serialize)]
struct Categories {
    #[serde(skip_serializing_if = "Option::is_none")]
    room_events: Option<RoomEvents>,
}

/// What was found, with all that every server sends.
#[derive(Serialize)]
struct RoomEvents {
    count: usize,
    results: Vec<OneFound>,
    highlights: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_batch: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    state: BTreeMap<OwnedRoomId, Vec<Raw<AnyStateEvent>>>,
    #[serde(skip_serializing_if = "Groups::is_empty")]
    groups: Groups,
}

#[derive(Serialize)]
struct OneFound {
    rank: f32,
    result: Raw<AnyTimelineEvent>,
    context: Around,
}

#[derive(Default, Serialize)]
struct Groups {
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    room_id: BTreeMap<OwnedRoomId, Group>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    sender: BTreeMap<OwnedUserId, Group>,
}

#[derive(Default, Serialize)]
struct Group {
    results: Vec<OwnedEventId>,
}

impl Groups {
    fn is_empty(&self) -> bool {
        self.room_id.is_empty() && self.sender.is_empty()
    }
}

pub(crate) async fn handle(
    State(engine): State<Engine>,
    sender: Sender,
    Ruma(request): Ruma<Request>,
) -> Result<Json<Found>, ApiError> {
    let Some(criteria) = request.search_categories.room_events else {
        return Ok(Json(Found { search_categories: Categories::default() }));
    };
    let wanted = Wanted::of(&criteria.search_term, criteria.keys.clone())?;
    let through = request.next_batch.as_deref().map(position_of).transpose()?.unwrap_or(views::END);
    engine
        .read(&sender.user_id, |rows| {
            let readers = readers(rows, &sender, &criteria)?;
            let hits = search(rows, &readers, &criteria, &wanted, through)?;
            let room_events = answer(rows, &readers, &criteria, &wanted, &hits)?;
            Ok(Json(Found { search_categories: Categories { room_events: Some(room_events) } }))
        })
        .await
}

/// Readers of the rooms that are searched: those that the sender is in and the filter wants, with those that they replaced.
fn readers<'r>(rows: &'r dyn Rows, sender: &'r Sender, criteria: &Criteria) -> Result<Vec<RoomReader<'r>>, ApiError> {
    let mut rooms = BTreeSet::new();
    for room in views::membership::joined_rooms(rows, &sender.user_id)? {
        if !wants_room(&criteria.filter, &room) {
            continue;
        }
        let mut next = Some(room);
        for _ in 0..=PREDECESSORS_MAX {
            let Some(room) = next.filter(|room| !rooms.contains(room)) else { break };
            next = if criteria.filter.rooms.is_some() { predecessor(rows, &room)? } else { None };
            rooms.insert(room);
        }
    }
    let opened = rooms.iter().filter_map(|room| match RoomReader::open(rows, sender, room) {
        // Of a room that was replaced the sender may have seen nothing.
        Err(ApiError::Rejected(_)) => None,
        opened => Some(opened),
    });
    opened.collect()
}

fn predecessor(rows: &dyn Rows, room: &RoomId) -> Result<Option<OwnedRoomId>, ApiError> {
    #[derive(Deserialize)]
    struct Create {
        predecessor: Option<Predecessor>,
    }
    #[derive(Deserialize)]
    struct Predecessor {
        room_id: OwnedRoomId,
    }
    let create = state_event(rows, room, "m.room.create", "")?.and_then(|(_, row)| row.content_as::<Create>());
    Ok(create.and_then(|create| create.predecessor).map(|predecessor| predecessor.room_id))
}

/// What was found.
struct Hits {
    /// The newest first, each with the number of its room's reader.
    found: Vec<(usize, Entry)>,
    /// From where on there may be more.
    more: Option<u64>,
}

/// What is to be found up to a position.
fn search(
    rows: &dyn Rows,
    readers: &[RoomReader<'_>],
    criteria: &Criteria,
    wanted: &Wanted,
    through: u64,
) -> Result<Hits, ApiError> {
    let limit = bounded(criteria.filter.limit.unwrap_or(RESULTS_DEFAULT.into()), RESULTS_MAX);
    let of_each = LOOKED_AT_MAX.checked_div(readers.len()).unwrap_or_default().max(1);
    let mut found = Vec::new();
    // Of each room everything behind this was looked at.
    let mut complete_after = 0;
    for (number, reader) in readers.iter().enumerate() {
        let (mut at, mut looked_at, mut of_room) = (through, 0, 0);
        while looked_at < of_each && of_room <= limit {
            let batch = timeline_before(rows, &reader.room, at, STEP_EVENTS.min(of_each - looked_at))?;
            looked_at += batch.len();
            let Some((oldest, _)) = batch.last() else {
                at = 0;
                break;
            };
            at = oldest.saturating_sub(1);
            let is_found =
                |entry: &Entry| wanted.has(&entry.1) && is_wanted(&criteria.filter, &entry.1) && reader.sight.may_see(entry);
            let before = found.len();
            found.extend(batch.into_iter().filter(is_found).map(|entry| (number, entry)));
            of_room += found.len() - before;
        }
        complete_after = complete_after.max(at);
    }
    found.sort_unstable_by_key(|(_, (position, _))| std::cmp::Reverse(*position));
    // What stands before where a room was left would have holes between.
    found.retain(|(_, (position, _))| *position > complete_after);
    let is_cut = found.len() > limit;
    found.truncate(limit);
    let last = found.last().map(|(_, (position, _))| position.saturating_sub(1));
    let more = if is_cut { last } else { Some(complete_after).filter(|after| *after > 0) };
    Ok(Hits { found, more })
}

fn answer(
    rows: &dyn Rows,
    readers: &[RoomReader<'_>],
    criteria: &Criteria,
    wanted: &Wanted,
    Hits { found, more }: &Hits,
) -> Result<RoomEvents, ApiError> {
    let mut events = RoomEvents {
        count: found.len(),
        results: Vec::with_capacity(found.len()),
        highlights: wanted.words.clone(),
        next_batch: more.map(token_of),
        state: BTreeMap::new(),
        groups: Groups::default(),
    };
    for (reader, entry) in found.iter().filter_map(|(number, entry)| Some((readers.get(*number)?, entry))) {
        let context = around(rows, reader, entry, &criteria.event_context)?;
        events.results.push(OneFound { rank: 1.0, result: reader.render(entry)?, context });
        group(&mut events.groups, criteria, &reader.room, entry);
        if criteria.include_state == Some(true) && !events.state.contains_key(&reader.room) {
            let state = reader.state(None)?;
            let state = state.iter().map(|entry| reader.render_state(entry)).collect::<Result<_, _>>()?;
            events.state.insert(reader.room.clone(), state);
        }
    }
    Ok(events)
}

fn group(groups: &mut Groups, criteria: &Criteria, room: &RoomId, (_, row): &Entry) {
    for grouping in &criteria.groupings.group_by {
        let group = match &grouping.key {
            Some(GroupingKey::RoomId) => groups.room_id.entry(room.to_owned()).or_default(),
            Some(GroupingKey::Sender) => groups.sender.entry(row.sender.clone()).or_default(),
            _ => continue,
        };
        group.results.push(row.event_id.clone());
    }
}
