//! The part of a room's timeline that a response shows.

use projection::{Rows, ViewFault};
use ruma::{OwnedUserId, RoomId, events::AnySyncTimelineEvent, serde::Raw};

use super::Caller;
use crate::{
    END, SyncToken,
    membership::{Sight, joined_at},
    rooms::{TimelineRow, newest_of_timeline},
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
    let stayed = joined_at(rows, room, caller.user())?.is_some_and(|joined_at| joined_at <= cut.after);
    let sight = if stayed { Sight::of_stay(caller.reader, cut.after) } else { Sight::load(rows, room, caller.reader)? };
    let between = (cut.after, cut.through.unwrap_or(END));
    let found = newest_of_timeline(rows, room, between, cut.limit, |entry| sight.hides(entry))?;
    let mut chunk = Chunk { events: Vec::new(), limited: found.limited, first: None, senders: Vec::new(), live: 0 };
    for entry in &found.entries {
        let (position, row) = entry;
        if !sight.may_see(entry) {
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
        let viewer = Viewer { sight: Some(&sight), ..caller.viewer() };
        chunk.events.push(Raw::from_json(render(rows, room, entry, viewer)?));
    }
    if chunk.limited && chunk.first.is_none() {
        // Nothing to show of what was looked at, and more before it: the client must be able to go on from there.
        chunk.first = found.oldest;
    }
    Ok(chunk)
}
