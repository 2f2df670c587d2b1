//! The part of a room's timeline that a response shows.

use projection::{Rows, ViewFault};
use ruma::{OwnedUserId, RoomId, events::AnySyncTimelineEvent, serde::Raw};

use super::Caller;
use crate::{
    SyncToken,
    membership::{Sight, joined_at},
    rooms::{Since, TimelineRow, timeline_before, timeline_since},
    show::{Viewer, render},
};

/// Some newest PDUs of a room, as one caller may see them.
pub(super) struct Chunk {
    /// Oldest first.
    pub events: Vec<Raw<AnySyncTimelineEvent>>,
    /// True when there are older ones that were not told before.
    pub limited: bool,
    /// The position of the oldest PDU in the chunk; none when it is empty.
    pub first: Option<u64>,
    /// Who sent them: whom a client that loads members lazily has to know.
    pub senders: Vec<OwnedUserId>,
    /// How many of them are newer than `live_after`.
    pub live: usize,
}

impl Chunk {
    /// The token from which older PDUs are read.
    pub(super) fn prev_batch(&self) -> Option<String> {
        self.first.map(|first| SyncToken::before(first).to_string())
    }
}

/// What a chunk is cut from.
pub(super) struct Cut<'a> {
    /// PDUs up to here are left out.
    pub after: u64,
    /// PDUs beyond this are left out: a person who left is told nothing of what came then.
    pub through: Option<u64>,
    /// PDUs after this count as live.
    pub live_after: u64,
    /// At most so many.
    pub limit: usize,
    /// Which of them are wanted.
    pub wanted: &'a dyn Fn(&TimelineRow) -> bool,
}

/// Cuts the newest part out of a timeline.
pub(super) fn chunk(rows: &dyn Rows, caller: Caller<'_>, room: &RoomId, cut: &Cut<'_>) -> Result<Chunk, ViewFault> {
    // Whoever has been in the room since then may see all that came since then.
    let stayed = joined_at(rows, room, caller.user)?.is_some_and(|joined_at| joined_at <= cut.after);
    let sight = if stayed { None } else { Some(Sight::load(rows, room, caller.user)?) };
    let found = match cut.through {
        None => timeline_since(rows, room, cut.after, cut.limit)?,
        Some(through) => timeline_through(rows, room, cut, through)?,
    };
    let mut chunk = Chunk { events: Vec::new(), limited: found.limited, first: None, senders: Vec::new(), live: 0 };
    for entry in &found.entries {
        let (position, row) = entry;
        if !sight.as_ref().is_none_or(|sight| sight.may_see(*position)) {
            continue;
        }
        chunk.first.get_or_insert(*position);
        if !(cut.wanted)(row) {
            continue;
        }
        chunk.live += usize::from(*position > cut.live_after);
        if !chunk.senders.contains(&row.sender) {
            chunk.senders.push(row.sender.clone());
        }
        let viewer = Viewer { sight: sight.as_ref(), ..caller.viewer() };
        chunk.events.push(Raw::from_json(render(rows, room, entry, viewer)?));
    }
    Ok(chunk)
}

fn timeline_through(rows: &dyn Rows, room: &RoomId, cut: &Cut<'_>, through: u64) -> Result<Since, ViewFault> {
    let mut entries = timeline_before(rows, room, through, cut.limit.saturating_add(1))?;
    entries.retain(|(position, _)| *position > cut.after);
    let limited = entries.len() > cut.limit;
    entries.truncate(cut.limit);
    entries.reverse();
    Ok(Since { entries, limited })
}
