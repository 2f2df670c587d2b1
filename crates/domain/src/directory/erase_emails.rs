//! Erases the email addresses of a person who is to be forgotten, those that they had once as well.

use ruma::OwnedUserId;

use super::DirectoryState;
use crate::{Command, Context, Decision, Fact, Rejection, Stream, user::erasure::erase_in};

/// Erases what the directory says of a person's addresses, at most [`PAYLOADS_AT_ONCE_MAX`](crate::user::erasure::PAYLOADS_AT_ONCE_MAX) payloads. Their user name stays taken.
#[derive(Clone, Debug)]
pub struct EraseEmails {
    /// Whose account; it was closed to be erased.
    pub user_id: OwnedUserId,
    /// Nothing is left at or before this position; 0 for the beginning.
    pub after: u64,
}

impl Command for EraseEmails {
    type On = DirectoryState;
    /// From where to go on; none when all is done.
    type Reply = Option<u64>;

    fn key(&self) {}

    fn decide(self, _: &DirectoryState, context: &Context<'_>) -> Result<Decision<Option<u64>>, Rejection> {
        erase_in(&Stream::Directory, self.user_id, self.after, context, Fact::EmailsErased)
    }
}
