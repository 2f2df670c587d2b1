//! What the three endpoints ask for and answer.

use std::ops::ControlFlow;

use ruma::{EventId, RoomId, UInt, api::Direction, events::AnyMessageLikeEvent, serde::Raw};
use views::{
    Order, Rows,
    rooms::{RELATED_MAX, RelationFilter, Walk, entry_at, relations_of, visit_related},
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
    let limit = bounded(question.limit.unwrap_or_else(|| RELATIONS_DEFAULT.into()), RELATIONS_MAX);
    let page = if question.filter.recurse {
        recursive_page(rows, &reader, question, limit)?
    } else {
        direct_page(rows, &reader, question, limit)?
    };
    let mut chunk = Vec::with_capacity(page.positions.len());
    for position in &page.positions {
        if let Some(row) = entry_at(rows, question.room.as_str(), *position)? {
            chunk.push(reader.render(&(*position, row))?);
        }
    }
    Ok(Answer {
        chunk,
        next_batch: page.last.map(|last| token_of(if question.dir == Direction::Backward { last - 1 } else { last })),
        prev_batch: question.from.map(str::to_owned),
        recursion_depth: question.filter.recurse.then(|| RECURSION_DEPTH.into()),
    })
}

/// The events of an answer.
struct Page {
    positions: Vec<u64>,
    /// The position up to which everything was looked at, if there may be more behind it.
    last: Option<u64>,
}

impl Question<'_> {
    /// A token stands right behind its position.
    fn walk(&self) -> Result<Walk, ApiError> {
        let from = self.from.map(position_of).transpose()?;
        let to = self.to.map(position_of).transpose()?;
        let (order, low, high) = match self.dir {
            Direction::Backward => (Order::Descending, to, from),
            Direction::Forward => (Order::Ascending, from, to),
        };
        Ok(Walk { order, after: low.unwrap_or(0), through: high.unwrap_or(u64::MAX) })
    }
}

/// What relates to the event itself. A page that many events were looked at for may hold few of them, or none, and says where to
/// go on.
fn direct_page(rows: &dyn Rows, reader: &RoomReader<'_>, question: &Question<'_>, limit: usize) -> Result<Page, ApiError> {
    let mut page = Page { positions: Vec::new(), last: None };
    let mut looked_at = None;
    let mut left = RELATED_MAX;
    visit_related(rows, question.room, question.event, question.walk()?, |position, relation| {
        if page.positions.len() == limit || left == 0 {
            page.last = looked_at;
            return ControlFlow::Break(());
        }
        left -= 1;
        looked_at = Some(position);
        let related = (position, relation);
        if question.filter.wants(&related.1) && reader.sight.may_see(&related) {
            page.positions.push(position);
        }
        ControlFlow::Continue(())
    })?;
    Ok(page)
}

/// Also what relates to these, among as many of them as are looked at.
fn recursive_page(
    rows: &dyn Rows,
    reader: &RoomReader<'_>,
    question: &Question<'_>,
    limit: usize,
) -> Result<Page, ApiError> {
    let Walk { order, after, through } = question.walk()?;
    let mut positions: Vec<u64> = relations_of(rows, question.room, question.event, question.filter)?
        .into_iter()
        .filter(|related| related.0 > after && related.0 <= through && reader.sight.may_see(related))
        .map(|(position, _)| position)
        .collect();
    if order == Order::Descending {
        positions.reverse();
    }
    let more = positions.len() > limit;
    positions.truncate(limit);
    let last = positions.last().copied().filter(|_| more);
    Ok(Page { positions, last })
}
