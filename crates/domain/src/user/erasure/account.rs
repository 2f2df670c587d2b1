//! Erases what a person's own stream says of them, and what waits for their devices.

use ruma::OwnedUserId;

use super::page::{PAYLOADS_AT_ONCE_MAX, erased, not_to_be_erased};
use crate::{Command, Context, Decision, Fact, NewFact, Rejection, Stream, user::UserState};

/// What of a person is erased on their lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// What waits for their devices. First: while the ends of their sessions are in the log, a replay drops it as well.
    Inbox,
    /// The account itself. Last: it says that all is done.
    Account,
}

/// Erases [`PAYLOADS_AT_ONCE_MAX`] payloads of a person at most.
#[derive(Clone, Debug)]
pub struct EraseAccount {
    /// Whose account; it was closed to be erased.
    pub user_id: OwnedUserId,
    /// What of it.
    pub part: Part,
    /// Nothing is left at or before this position, as far as whoever asks knows; 0 for the beginning.
    pub after: u64,
}

impl Command for EraseAccount {
    type On = UserState;
    /// From where to go on; none when all is done.
    type Reply = Option<u64>;

    fn key(&self) -> OwnedUserId {
        self.user_id.clone()
    }

    fn decide(self, state: &UserState, context: &Context<'_>) -> Result<Decision<Option<u64>>, Rejection> {
        let Self { user_id, part, after } = self;
        if !state.account.is_to_be_erased() {
            return Err(not_to_be_erased());
        }
        let stream = match part {
            Part::Inbox => Stream::Inbox(user_id.clone()),
            Part::Account => Stream::User(user_id.clone()),
        };
        let positions = context.lookup.payloads_of(&stream, &user_id, after, PAYLOADS_AT_ONCE_MAX)?;
        let has_nothing_to_say = part == Part::Inbox || state.account.is_erased();
        if positions.is_empty() && has_nothing_to_say {
            return Ok(Decision::AlreadyDone(None));
        }
        let (erased, next) = erased(user_id, positions);
        let fact = match part {
            Part::Inbox => Fact::InboxErased(erased),
            Part::Account => Fact::AccountErased(erased),
        };
        Ok(Decision::Accept { facts: vec![NewFact::Of(stream, fact)], reply: next })
    }
}
