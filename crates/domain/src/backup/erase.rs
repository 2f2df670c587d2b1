//! Erases the backups of room keys of a person who is to be forgotten.

use ruma::OwnedUserId;

use super::BackupState;
use crate::{Command, Context, Decision, Fact, Rejection, Stream, user::erasure::erase_in};

/// Erases at most [`PAYLOADS_AT_ONCE_MAX`](crate::user::erasure::PAYLOADS_AT_ONCE_MAX) payloads of a person's backups.
#[derive(Clone, Debug)]
pub struct EraseBackups {
    /// Whose account; it was closed to be erased.
    pub user_id: OwnedUserId,
    /// Nothing is left at or before this position; 0 for the beginning.
    pub after: u64,
}

impl Command for EraseBackups {
    type On = BackupState;
    /// From where to go on; none when all is done.
    type Reply = Option<u64>;

    fn key(&self) -> OwnedUserId {
        self.user_id.clone()
    }

    fn decide(self, _: &BackupState, context: &Context<'_>) -> Result<Decision<Option<u64>>, Rejection> {
        let stream = Stream::Backup(self.user_id.clone());
        erase_in(&stream, self.user_id, self.after, context, Fact::BackupErased)
    }
}
