//! One page of the public list, by how many people are in a room.

use domain::Rejection;
use ruma::{
    UInt,
    directory::{Filter, PublicRoomsChunk, RoomTypeFilter},
};
use views::{Rows, aliases::listed_rooms};

use crate::{error::ApiError, reader::bounded, room_summary::summary_of};

/// The most rooms that one response holds.
const PAGE_MAX: usize = 100;
/// The most rooms that the list has; more are left out.
const ROOMS_MAX: usize = 10_000;
/// The longest search term, bytes.
const TERM_BYTES_MAX: usize = 512;

/// What both endpoints answer.
pub(super) struct Page {
    pub(super) chunk: Vec<PublicRoomsChunk>,
    pub(super) next_batch: Option<String>,
    pub(super) prev_batch: Option<String>,
    pub(super) total: UInt,
}

pub(super) fn page(rows: &dyn Rows, limit: Option<UInt>, since: Option<&str>, filter: &Filter) -> Result<Page, ApiError> {
    let term = filter.generic_search_term.as_deref().unwrap_or_default().to_lowercase();
    if term.len() > TERM_BYTES_MAX {
        return Err(Rejection::invalid_param("The search term is too long.").into());
    }
    let skip: usize = match since.filter(|since| !since.is_empty()) {
        Some(since) => since
            .strip_prefix('r')
            .and_then(|number| number.parse().ok())
            .ok_or_else(|| Rejection::invalid_param("That is not a token of this list."))?,
        None => 0,
    };
    let limit = limit.map_or(PAGE_MAX, |limit| bounded(limit, PAGE_MAX));
    let mut rooms: Vec<PublicRoomsChunk> = Vec::new();
    for room in listed_rooms(rows, ROOMS_MAX)? {
        if let Some((_, summary)) = summary_of(rows, &room)? {
            let chunk = PublicRoomsChunk::from(summary);
            if is_found(&chunk, &term) && is_of_type(&chunk, &filter.room_types) {
                rooms.push(chunk);
            }
        }
    }
    rooms.sort_by(|a, b| b.num_joined_members.cmp(&a.num_joined_members).then_with(|| a.room_id.cmp(&b.room_id)));
    let total = rooms.len();
    let next = skip.saturating_add(limit);
    Ok(Page {
        chunk: rooms.into_iter().skip(skip).take(limit).collect(),
        next_batch: (next < total).then(|| format!("r{next}")),
        prev_batch: (skip > 0).then(|| format!("r{}", skip.saturating_sub(limit))),
        total: UInt::try_from(total).unwrap_or(UInt::MAX),
    })
}

fn is_found(room: &PublicRoomsChunk, term: &str) -> bool {
    let alias = room.canonical_alias.as_ref().map(|alias| alias.as_str());
    let texts = [room.name.as_deref(), room.topic.as_deref(), alias];
    term.is_empty() || texts.into_iter().flatten().any(|text| text.to_lowercase().contains(term))
}

fn is_of_type(room: &PublicRoomsChunk, types: &[RoomTypeFilter]) -> bool {
    types.is_empty() || types.contains(&RoomTypeFilter::from(room.room_type.clone()))
}
