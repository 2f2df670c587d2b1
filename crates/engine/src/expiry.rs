//! Lets messages go whose moment has passed, before anybody reads after it. The rules say what goes, a view says where
//! something is due; in here is only when to look.

pub(crate) mod moments;

use domain::room::{ENDED_AT_ONCE_MAX, EndExpiries};
use ruma::OwnedRoomId;

use crate::{Engine, SubmitError};

/// Rooms that one look at the view brings.
const ROOMS_AT_ONCE: usize = 100;
/// How long to wait before the next try when the log does not take what is to go, milliseconds.
const PUT_OFF_MS: u64 = 10_000;

impl Engine {
    /// Lets every message go whose moment has passed by the engine's clock. Call it before reading rooms: what is read
    /// afterwards does not have those messages any more. Nearly always there is nothing to do.
    ///
    /// A log that takes nothing (a full disk) puts it off: rooms must stay readable then.
    pub async fn expire_due(&self) {
        if self.is_ready() && self.expiry().is_due(self.now().0.into()) {
            // Boxed, because every waiting poll holds this future.
            Box::pin(self.expire_all_due()).await;
        }
    }

    async fn expire_all_due(&self) {
        let _turn = self.expiry().turn.lock().await;
        loop {
            let now_ms = u64::from(self.now().0);
            if !self.expiry().is_due(now_ms) {
                return;
            }
            self.expiry().ask();
            let ended = self.end_expiries(now_ms).await;
            let next = views::expiry::next_moment(&*self.rows()).map(|next| next.unwrap_or(u64::MAX));
            let put_off = now_ms.saturating_add(PUT_OFF_MS);
            match (ended, next) {
                (Ok(count), Ok(next_ms)) if count > 0 => self.expiry().answered(next_ms),
                // The clock went back, or another process was faster.
                (Ok(_), Ok(next_ms)) => return self.expiry().answered(next_ms.max(put_off)),
                (Err(SubmitError::Stopping), _) => return,
                (Err(error), _) => {
                    tracing::warn!(expiry.error = %error, "expired messages could not be erased; trying again soon");
                    return self.expiry().answered(put_off);
                }
                (_, Err(fault)) => {
                    tracing::error!(expiry.error = %fault, "cannot tell which messages have expired");
                    return self.expiry().answered(put_off);
                }
            }
        }
    }

    /// How many messages are gone by it. A room that fails does not keep those behind it waiting.
    async fn end_expiries(&self, now_ms: u64) -> Result<usize, SubmitError> {
        let rooms = views::expiry::due_rooms(&*self.rows(), now_ms, ROOMS_AT_ONCE)?;
        let mut count = 0;
        for room in rooms {
            match self.end_expiries_in(room).await {
                Ok(ended) => count += ended,
                Err(error) if error.is_of_one_thing() => {
                    tracing::error!(expiry.error = %error, "the expired messages of a room could not be erased");
                }
                Err(error) => return Err(error),
            }
        }
        Ok(count)
    }

    async fn end_expiries_in(&self, room: OwnedRoomId) -> Result<usize, SubmitError> {
        let mut count = 0;
        loop {
            let ended = self.submit(EndExpiries { room_id: room.clone() }).await?;
            count += ended;
            if ended < ENDED_AT_ONCE_MAX {
                return Ok(count);
            }
        }
    }
}
