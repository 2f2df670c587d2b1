//! How far a person has read a room and its threads (spec: "Threaded read receipts").

use std::collections::BTreeMap;

use projection::{Rows, ViewFault};
use ruma::{EventId, RoomId, UserId};

use super::receipt::receipts_of;
use crate::rooms::MAIN;

/// How far a person has read a room, by their receipts of either kind. A receipt of a thread says nothing of the rest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadUpTo {
    /// Everything up to this position.
    pub(super) all: u64,
    /// What is in no thread, up to this one.
    pub(super) main: u64,
    /// Threads by their roots.
    threads: BTreeMap<String, u64>,
}

impl ReadUpTo {
    /// What a person's receipts say.
    ///
    /// # Errors
    /// Storage failed.
    pub fn of(rows: &dyn Rows, room_id: &RoomId, user_id: &UserId) -> Result<Self, ViewFault> {
        let mut read = Self::default();
        for receipt in receipts_of(rows, room_id, user_id)? {
            let through = match receipt.thread {
                None => &mut read.all,
                Some(main) if main == MAIN => &mut read.main,
                Some(root) => read.threads.entry(root).or_default(),
            };
            *through = (*through).max(receipt.event_position);
        }
        Ok(read)
    }

    /// Up to which position a thread is read, or what is in none.
    #[must_use]
    pub fn through(&self, thread: Option<&EventId>) -> u64 {
        let of_thread = thread.map_or(self.main, |root| self.threads.get(root.as_str()).copied().unwrap_or_default());
        of_thread.max(self.all)
    }
}
