//! Lets what is old go, where an admin wants nothing older kept: messages, and files that nothing in clear shows. The server
//! cannot see which encrypted message a file belongs to, so each goes by its own age.

use std::time::Duration;

use domain::room::{EndOld, OLD_AT_ONCE_MAX};
use ruma::{OwnedEventId, OwnedRoomId};
use views::rooms::{Entry, next_room, timeline_after};

use crate::{Engine, SubmitError};

/// What went at one look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ended {
    /// Messages, reactions and whatever else is no state.
    pub messages: usize,
    /// Uploads.
    pub files: usize,
}

impl Engine {
    /// Lets all messages and files go that are older than `age`. State stays, and with it who was in which room. Nothing goes before the
    /// views follow the log. Broken off and called again, it goes on; a room that fails is left for the next time.
    ///
    /// # Errors
    /// When a storage does not answer, or the log has a record about media that this version does not read.
    pub async fn end_old(&self, age: Duration) -> Result<Ended, SubmitError> {
        let mut ended = Ended::default();
        if !self.is_ready() {
            return Ok(ended);
        }
        let age_ms = u64::try_from(age.as_millis()).unwrap_or(u64::MAX);
        let before = self.log().position_at(u64::from(self.now().0).saturating_sub(age_ms))?.0;
        let mut last = None;
        while let Some(room) = next_room(&*self.rows(), last.as_deref())? {
            match self.end_old_in(&room, before).await {
                Ok(count) => ended.messages += count,
                // It does not keep those behind it waiting.
                Err(error) if error.is_of_one_thing() => {
                    tracing::error!(retention.error = %error, "the old messages of a room could not be erased");
                }
                Err(error) => return Err(error),
            }
            last = Some(room);
        }
        ended.files = self.forget_media_before(before).await?;
        Ok(ended)
    }

    async fn end_old_in(&self, room_id: &OwnedRoomId, before: u64) -> Result<usize, SubmitError> {
        let (mut after, mut count) = (0, 0);
        loop {
            let page = timeline_after(&*self.rows(), room_id, after, OLD_AT_ONCE_MAX)?;
            let is_old = |(position, _): &&Entry| *position < before;
            let Some((last, _)) = page.iter().take_while(is_old).last() else { return Ok(count) };
            after = *last;
            let old = page.iter().take_while(is_old).filter(|(_, row)| row.state_key.is_none());
            let event_ids: Vec<OwnedEventId> = old.map(|(_, row)| row.event_id.clone()).collect();
            if !event_ids.is_empty() {
                count += self.submit(EndOld { room_id: room_id.clone(), event_ids, before }).await?;
            }
        }
    }
}
