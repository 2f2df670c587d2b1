//! What the three endpoints ask for and answer.

use ruma::{EventId, RoomId, UInt, api::Direction, events::AnyMessageLikeEvent, serde::Raw};
use views::{
    Rows,
    rooms::{RelationFilter, entry_at, relations_of},
};

use crate::{
    error::ApiError,
    extract::Sender,
    reader::{RoomReader, bounded, position_of, token_of},
};

/// The most events that one response holds.
const RELATIONS_MAX: usize = 500;
/// As many as a response holds when the client does not say.
const RELATIONS_DEFAULT: u32 = 50;
/// How deep relations of relations are followed.
const RECURSION_DEPTH: u32 = 3;

/// What all three endpoints ask for.
pub(super) struct Question<'a> {
    pub(super) room: &'a RoomId,
    pub(super) event: &'a EventId,
    pub(super) filter: RelationFilter<'a>,
    pub(super) from: Option<&'a str>,
    pub(super) to: Option<&'a str>,
    pub(super) dir: Direction,
    pub(super) limit: Option<UInt>,
}

/// What all three endpoints answer.
pub(super) struct Answer {
    pub(super) chunk: Vec<Raw<AnyMessageLikeEvent>>,
    pub(super) next_batch: Option<String>,
    pub(super) prev_batch: Option<String>,
    pub(super) recursion_depth: Option<UInt>,
}

pub(super) fn answer(rows: &dyn Rows, sender: &Sender, question: &Question<'_>) -> Result<Answer, ApiError> {
    let reader = RoomReader::open(rows, sender, question.room)?;
    reader.event(question.event)?;
    let backwards = question.dir == Direction::Backward;
    let limit = bounded(question.limit.unwrap_or_else(|| RELATIONS_DEFAULT.into()), RELATIONS_MAX);
    let from = question.from.map(position_of).transpose()?;
    let to = question.to.map(position_of).transpose()?;
    let is_between = |position: u64| {
        // A token stands right behind its position.
        let (low, high) = if backwards { (to, from) } else { (from, to) };
        low.is_none_or(|low| position > low) && high.is_none_or(|high| position <= high)
    };
    let mut positions: Vec<u64> = relations_of(rows, question.room, question.event, question.filter)?
        .into_iter()
        .filter(|related| is_between(related.0) && reader.sight.may_see(related))
        .map(|(position, _)| position)
        .collect();
    if backwards {
        positions.reverse();
    }
    let more = positions.len() > limit;
    positions.truncate(limit);
    let mut chunk = Vec::with_capacity(positions.len());
    for position in &positions {
        if let Some(row) = entry_at(rows, question.room.as_str(), *position)? {
            chunk.push(reader.render(&(*position, row))?);
        }
    }
    let last = positions.last().map(|last| if backwards { last - 1 } else { *last });
    Ok(Answer {
        chunk,
        next_batch: last.filter(|_| more).map(token_of),
        prev_batch: question.from.map(str::to_owned),
        recursion_depth: question.filter.recurse.then(|| RECURSION_DEPTH.into()),
    })
}
