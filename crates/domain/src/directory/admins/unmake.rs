//! Makes an admin none.

use ruma::OwnedUserId;

use super::super::{DirectoryState, by::By, facts::AdminUnmade};
use crate::{Command, Context, Decision, Fact, Rejection};

/// Makes an admin none. The last one stays.
#[derive(Clone, Debug)]
pub struct UnmakeAdmin {
    /// Who asks for it.
    pub by: By,
    /// The account.
    pub user_id: OwnedUserId,
}

impl Command for UnmakeAdmin {
    type On = DirectoryState;
    type Reply = ();

    fn key(&self) {}

    fn decide(self, state: &DirectoryState, _: &Context<'_>) -> Result<Decision<()>, Rejection> {
        let Self { by, user_id } = self;
        state.admins.check(&by)?;
        if !state.names.has_user(&user_id) {
            return Err(Rejection::not_found("There is no such account."));
        }
        if !state.admins.0.contains(&user_id) {
            return Ok(Decision::AlreadyDone(()));
        }
        if state.admins.0.len() == 1 {
            return Err(Rejection::forbidden("This is the only admin. Make somebody else one first."));
        }
        Ok(Decision::accept([Fact::AdminUnmade(AdminUnmade { by, user_id })], ()))
    }
}
