//! Which accounts are admins of this server.

use std::collections::BTreeSet;

use ruma::OwnedUserId;
use serde::{Deserialize, Serialize};

use super::{DirectoryState, by::By, facts::AdminMade};
use crate::{Command, Context, Decision, Fact, Rejection};

/// How many admins there can be.
pub const ADMINS_MAX: usize = 100;

/// The admins.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct AdminState(BTreeSet<OwnedUserId>);

impl AdminState {
    /// Makes sure that somebody may do what only admins may.
    ///
    /// # Errors
    /// 403 `M_FORBIDDEN`.
    pub(super) fn check(&self, by: &By) -> Result<(), Rejection> {
        match by {
            By::Operator => Ok(()),
            By::Account(user_id) if self.0.contains(user_id) => Ok(()),
            By::Account(_) => Err(Rejection::forbidden("Only admins of this server may do that.")),
        }
    }

    /// Takes one fact in.
    pub(super) fn evolve(&mut self, fact: &Fact) {
        if let Fact::AdminMade(fact) = fact {
            self.0.insert(fact.user_id.clone());
        }
    }
}

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
