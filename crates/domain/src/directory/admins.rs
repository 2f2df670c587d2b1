//! Which accounts are admins of this server.

mod make;
mod retire;
mod unmake;

use std::collections::BTreeSet;

use ruma::OwnedUserId;
use serde::{Deserialize, Serialize};

pub use make::MakeAdmin;
pub use retire::RetireAdmin;
pub use unmake::UnmakeAdmin;

use super::by::By;
use crate::{Fact, Rejection};

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
        match fact {
            Fact::AdminMade(fact) => {
                self.0.insert(fact.user_id.clone());
            }
            Fact::AdminUnmade(fact) => {
                self.0.remove(&fact.user_id);
            }
            _ => {}
        }
    }
}
