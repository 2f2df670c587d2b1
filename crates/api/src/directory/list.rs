//! One page of the public list, by how many people are in a room.

use std::cmp::Reverse;

use domain::Rejection;
use engine::Engine;
use ruma::{
    OwnedRoomId, UInt,
    directory::{Filter, PublicRoomsChunk, RoomTypeFilter},
};
use views::{Rows, aliases::listed_rooms, comparable};

use crate::{error::ApiError, reader::bounded, room_summary::summary_of};

/// The most rooms that one response holds.
const PAGE_MAX: usize = 100;
/// The most rooms that the list has; more are left out.
const ROOMS_MAX: usize = 10_000;
/// Names and topics of one response, bytes: one that has so many has no more rooms, and says where the next ones are.
pub(crate) const PAGE_TEXT_BYTES_MAX: usize = 256 << 10;
/// Rooms that are read at once.
const STEP_ROOMS: usize = 50;
/// The longest search term, bytes.
const TERM_BYTES_MAX: usize = 512;

/// What both endpoints answer.
pub(super) struct Page {
    pub(super) chunk: Vec<PublicRoomsChunk>,
    pub(super) next_batch: Option<String>,
    pub(super) prev_batch: Option<String>,
    pub(super) total: UInt,
}

pub(super) async fn page(
    engine: &Engine,
    limit: Option<UInt>,
    since: Option<&str>,
    filter: &Filter,
) -> Result<Page, ApiError> {
    let term = filter.generic_search_term.as_deref().unwrap_or_default();
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
    let found = find(engine, &comparable(term), &filter.room_types).await?;
    let total = found.len();
    let wanted = found.into_iter().skip(skip).take(limit);
    let (chunk, looked_at) = engine.read_public(|rows| chunk(rows, wanted.map(|(_, room)| room))).await?;
    let next = skip.saturating_add(looked_at);
    Ok(Page {
        chunk,
        next_batch: (next < total).then(|| format!("r{next}")),
        prev_batch: (skip > 0).then(|| format!("r{}", skip.saturating_sub(limit))),
        total: UInt::try_from(total).unwrap_or(UInt::MAX),
    })
}

/// How many people are in each room that is asked for, and its id: the fullest first. The list is gone through in steps and only this
/// is kept of it.
async fn find(engine: &Engine, term: &str, types: &[RoomTypeFilter]) -> Result<Vec<(Reverse<UInt>, OwnedRoomId)>, ApiError> {
    let mut found = Vec::new();
    let mut after: Option<OwnedRoomId> = None;
    for _ in 0..ROOMS_MAX / STEP_ROOMS {
        let step = engine.read_public(|rows| {
            let rooms = listed_rooms(rows, after.as_deref(), STEP_ROOMS)?;
            for room in &rooms {
                if let Some((_, summary)) = summary_of(rows, room)? {
                    let chunk = PublicRoomsChunk::from(summary);
                    if is_found(&chunk, term) && is_of_type(&chunk, types) {
                        found.push((Reverse(chunk.num_joined_members), chunk.room_id));
                    }
                }
            }
            Ok::<_, ApiError>(rooms)
        });
        let mut rooms = step.await?;
        if rooms.len() < STEP_ROOMS {
            break;
        }
        after = rooms.pop();
    }
    found.sort_unstable();
    Ok(found)
}

/// The rooms as they are told of, until all or so many bytes are there, and how many were looked at.
fn chunk(rows: &dyn Rows, rooms: impl Iterator<Item = OwnedRoomId>) -> Result<(Vec<PublicRoomsChunk>, usize), ApiError> {
    let (mut chunk, mut bytes, mut looked_at) = (Vec::new(), 0, 0);
    for room in rooms {
        if bytes >= PAGE_TEXT_BYTES_MAX {
            break;
        }
        looked_at += 1;
        if let Some((_, summary)) = summary_of(rows, &room)? {
            let texts = [summary.name.as_deref(), summary.topic.as_deref()];
            bytes += texts.into_iter().flatten().map(str::len).sum::<usize>();
            chunk.push(PublicRoomsChunk::from(summary));
        }
    }
    Ok((chunk, looked_at))
}

fn is_found(room: &PublicRoomsChunk, term: &str) -> bool {
    let alias = room.canonical_alias.as_ref().map(|alias| alias.as_str());
    let texts = [room.name.as_deref(), room.topic.as_deref(), alias];
    term.is_empty() || texts.into_iter().flatten().any(|text| comparable(text).contains(term))
}

fn is_of_type(room: &PublicRoomsChunk, types: &[RoomTypeFilter]) -> bool {
    types.is_empty() || types.contains(&RoomTypeFilter::from(room.room_type.clone()))
}
