//! Revokes an invite: nobody signs up with it any more.

use super::super::{DirectoryState, by::By, facts::InviteRevoked};
use crate::{Command, Context, Decision, Fact, Rejection};

/// Revokes an invite.
#[derive(Clone, Debug)]
pub struct RevokeInvite {
    /// Who asks for it.
    pub by: By,
    /// The invite.
    pub id: String,
}

impl Command for RevokeInvite {
    type On = DirectoryState;
    type Reply = ();

    fn key(&self) {}

    fn decide(self, state: &DirectoryState, _: &Context<'_>) -> Result<Decision<()>, Rejection> {
        let Self { by, id } = self;
        state.admins.check(&by)?;
        if !state.invites.0.contains_key(&id) {
            return Err(Rejection::not_found("There is no such invite, or it was revoked."));
        }
        Ok(Decision::accept([Fact::InviteRevoked(InviteRevoked { by, id })], ()))
    }
}
