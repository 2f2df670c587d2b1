//! The part of a room's timeline that a response shows.

use std::collections::BTreeMap;

use projection::{Rows, ViewFault};
use ruma::{OwnedUserId, RoomId, events::AnySyncTimelineEvent, serde::Raw};

use super::Caller;
use crate::{
    END, SyncToken,
    membership::{Sight, joined_at},
    rooms::{StateKey, TimelineRow, Verdict, state_at, state_changes, window},
    show::{Viewer, render},
};

/// Some newest PDUs of a room, as one caller may see them.
pub(super) struct Chunk {
    /// Oldest first.
    pub events: Vec<Raw<AnySyncTimelineEvent>>,
    /// True when there are older ones that were not told before.
    pub limited: bool,
    /// Who sent them: whom a client that loads members lazily has to know.
    pub senders: Vec<OwnedUserId>,
    /// How many of them are newer than `live_after`.
    pub live: usize,
    /// How far the caller reads the state of the room.
    state_through: u64,
    /// The position in front of the first one.
    pub before: u64,
    /// Where they are.
    positions: Vec<u64>,
    /// What of the state changed among them and is not one of them.
    unshown: BTreeMap<StateKey, u64>,
    prev: Option<u64>,
}

impl Chunk {
    /// The token from which older PDUs are read.
    pub(super) fn prev_batch(&self) -> Option<String> {
        self.prev.map(|prev| SyncToken::at(prev).to_string())
    }

    /// Whether what is at `position` is in the chunk.
    pub(super) fn shows(&self, position: u64) -> bool {
        self.positions.contains(&position)
    }

    /// The state that goes with the chunk, for somebody who knows the state as of position `known`, or none of it (0). One definition for
    /// all: that state, and then the state events in the chunk in their order, give exactly the state of the room.
    pub(super) fn state(&self, rows: &dyn Rows, room: &RoomId, known: u64) -> Result<BTreeMap<StateKey, u64>, ViewFault> {
        let through = self.before.min(self.state_through);
        let mut state = if known == 0 { state_at(rows, room, through)? } else { state_changes(rows, room, known, through)? };
        state.extend(self.unshown.iter().map(|(key, position)| (key.clone(), *position)));
        Ok(state)
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

/// Cuts the newest part out of a timeline. What is not wanted takes no place from what is.
pub(super) fn chunk(rows: &dyn Rows, caller: Caller<'_>, room: &RoomId, cut: &Cut<'_>) -> Result<Chunk, ViewFault> {
    // Whoever has been in the room since then may see all that came since then.
    let stayed = joined_at(rows, room, caller.user())?.is_some_and(|joined_at| joined_at <= cut.after);
    let sight = if stayed { Sight::of_stay(caller.reader, cut.after) } else { Sight::load(rows, room, caller.reader)? };
    let between = (cut.after, cut.through.unwrap_or(END));
    let state_through = sight.reads_state_through().unwrap_or_default();
    // Everybody knows the end of their own stay.
    let known = |position| position <= state_through || Some(position) == cut.through;
    let found = window(rows, room, between, cut.limit, known, |entry| {
        if !sight.reaches(entry.0) {
            Verdict::OutOfReach
        } else if sight.hides(entry) || !(cut.wanted)(&entry.1) {
            Verdict::PassedOver
        } else {
            Verdict::Shown
        }
    })?;
    let mut chunk = Chunk {
        events: Vec::with_capacity(found.shown.len()),
        limited: found.limited,
        senders: Vec::new(),
        live: 0,
        state_through,
        positions: found.shown.iter().map(|(position, _)| *position).collect(),
        before: found.from.map_or(END, |from| from.saturating_sub(1)),
        prev: found.prev(),
        unshown: found.unshown,
    };
    for entry in &found.shown {
        let (position, row) = entry;
        chunk.live += usize::from(*position > cut.live_after);
        if !chunk.senders.contains(&row.sender) {
            chunk.senders.push(row.sender.clone());
        }
        let viewer = Viewer { sight: Some(&sight), ..caller.viewer() };
        chunk.events.push(Raw::from_json(render(rows, room, entry, viewer)?));
    }
    Ok(chunk)
}
