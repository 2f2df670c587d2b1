//! Makes an account an admin.

use ruma::OwnedUserId;

use super::{
    super::{DirectoryState, by::By, facts::AdminMade},
    ADMINS_MAX,
};
use crate::{Command, Context, Decision, Fact, Rejection};

/// Makes an account an admin.
#[derive(Clone, Debug)]
pub struct MakeAdmin {
    /// Who asks for it.
    pub by: By,
    /// The account.
    pub user_id: OwnedUserId,
}

impl Command for MakeAdmin {
    type On = DirectoryState;
    type Reply = ();

    fn key(&self) {}

    fn decide(self, state: &DirectoryState, _: &Context<'_>) -> Result<Decision<()>, Rejection> {
        let Self { by, user_id } = self;
        state.admins.check(&by)?;
        if !state.names.has_user(&user_id) {
            return Err(Rejection::not_found("There is no such account."));
        }
        if state.admins.0.contains(&user_id) {
            return Ok(Decision::AlreadyDone(()));
        }
        if state.admins.0.len() >= ADMINS_MAX {
            return Err(Rejection::forbidden("There are as many admins as there can be."));
        }
        Ok(Decision::accept([Fact::AdminMade(AdminMade { by, user_id })], ()))
    }
}
