//! What of one room a person may read: asked before anything of the room is shown.

use domain::Rejection;
use ruma::{EventId, OwnedRoomId, RoomId, UInt, serde::Raw};
use views::{
    END, Reader, Rows, SyncToken,
    membership::Sight,
    rooms::{Entry, current_state, entry_at, entry_of, state_at, state_event, state_event_at},
    show::{Viewer, render, render_state},
};

use crate::{error::ApiError, extract::Sender};

/// A reader of one room.
pub(crate) struct RoomReader<'r> {
    pub(crate) rows: &'r dyn Rows,
    pub(crate) room: OwnedRoomId,
    pub(crate) sight: Sight,
    reader: Reader,
    sender: &'r Sender,
}

impl<'r> RoomReader<'r> {
    /// A reader for somebody who is or was in the room, or of a room that all the world may read.
    ///
    /// # Errors
    /// 403 `M_FORBIDDEN` for everybody else, and for rooms that do not exist: the two are not told apart.
    pub(crate) fn open(rows: &'r dyn Rows, sender: &'r Sender, room: &RoomId) -> Result<Self, ApiError> {
        let reader = Reader::load(rows, &sender.user_id)?;
        let sight = Sight::load(rows, room, &reader)?;
        if sight.reads_state_through().is_none() {
            return Err(Rejection::forbidden("You are not in this room.").into());
        }
        Ok(Self { rows, room: room.to_owned(), sight, reader, sender })
    }

    fn viewer(&self) -> Viewer<'_> {
        Viewer {
            reader: &self.reader,
            device: Some(&self.sender.device_id),
            now_ms: self.sender.asked_at_ms,
            with_room_id: true,
            sight: Some(&self.sight),
        }
    }

    /// An event of the timeline as the reader gets it.
    pub(crate) fn render<T>(&self, entry: &Entry) -> Result<Raw<T>, ApiError> {
        Ok(Raw::from_json(render(self.rows, &self.room, entry, self.viewer())?))
    }

    /// A piece of state as the reader gets it.
    pub(crate) fn render_state<T>(&self, entry: &Entry) -> Result<Raw<T>, ApiError> {
        Ok(Raw::from_json(render_state(self.rows, &self.room, entry, self.viewer())?))
    }

    /// An event that the reader may see.
    ///
    /// # Errors
    /// 404 `M_NOT_FOUND` when there is none, or it is not for this reader.
    pub(crate) fn event(&self, event_id: &EventId) -> Result<Entry, ApiError> {
        entry_of(self.rows, &self.room, event_id)?
            .filter(|entry| self.sight.may_see(entry))
            .ok_or_else(|| Rejection::not_found("There is no such event that you may see.").into())
    }

    /// How far the reader reads the room's state; none: as it is now.
    pub(crate) fn left_at(&self) -> Option<u64> {
        self.sight.reads_state_through().filter(|through| *through < END)
    }

    /// All state that the reader may read, by now or by when they left, or as it was at `at` before that.
    pub(crate) fn state(&self, at: Option<u64>) -> Result<Vec<Entry>, ApiError> {
        let positions = match (at, self.left_at()) {
            (None, None) => current_state(self.rows, &self.room)?,
            (at, left) => state_at(self.rows, &self.room, at.unwrap_or(END).min(left.unwrap_or(END)))?,
        };
        let mut entries = Vec::with_capacity(positions.len());
        for position in positions.into_values() {
            if let Some(row) = entry_at(self.rows, self.room.as_str(), position)? {
                entries.push((position, row));
            }
        }
        Ok(entries)
    }

    /// One piece of the state that the reader may read.
    pub(crate) fn state_event(&self, event_type: &str, state_key: &str) -> Result<Option<Entry>, ApiError> {
        self.state_event_at(event_type, state_key, None)
    }

    /// One piece of the state that the reader may read, as it was at `at` if that is before they left.
    pub(crate) fn state_event_at(
        &self,
        event_type: &str,
        state_key: &str,
        at: Option<u64>,
    ) -> Result<Option<Entry>, ApiError> {
        Ok(match (at, self.left_at()) {
            (None, None) => state_event(self.rows, &self.room, event_type, state_key)?,
            (at, left) => {
                let at = at.unwrap_or(END).min(left.unwrap_or(END));
                state_event_at(self.rows, &self.room, event_type, state_key, at)?
            }
        })
    }
}

/// The position in a token of this server.
///
/// # Errors
/// 400 `M_INVALID_PARAM`.
pub(crate) fn position_of(token: &str) -> Result<u64, ApiError> {
    Ok(token.parse::<SyncToken>()?.position)
}

/// The token that stands right behind a position.
pub(crate) fn token_of(position: u64) -> String {
    SyncToken::at(position).to_string()
}

/// A limit that a client asked for, at least 1 and at most `max`.
pub(crate) fn bounded(limit: UInt, max: usize) -> usize {
    usize::try_from(u64::from(limit)).unwrap_or(usize::MAX).clamp(1, max)
}
