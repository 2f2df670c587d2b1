//! Makes an admin none whose account is closed: a step of what a deactivation has left to do.

use ruma::OwnedUserId;

use super::super::{DirectoryState, by::By, facts::AdminUnmade};
use crate::{Command, Context, Decision, Fact, Rejection};

/// Makes an admin none whose account is closed. Only owners close the accounts of admins, so that they are who did it; it may be
/// the last one, because nobody can log in to it any more.
#[derive(Clone, Debug)]
pub struct RetireAdmin {
    /// The account.
    pub user_id: OwnedUserId,
}

impl Command for RetireAdmin {
    type On = DirectoryState;
    type Reply = ();

    fn key(&self) {}

    fn decide(self, state: &DirectoryState, _: &Context<'_>) -> Result<Decision<()>, Rejection> {
        let Self { user_id } = self;
        if !state.admins.0.contains(&user_id) {
            return Ok(Decision::AlreadyDone(()));
        }
        let by = By::Account(user_id.clone());
        Ok(Decision::accept([Fact::AdminUnmade(AdminUnmade { by, user_id })], ()))
    }
}
