//! Whether an account exists, is active and has a password. Names and addresses are the directory's.

use ruma::{OwnedUserId, api::error::ErrorKind};
use serde::{Deserialize, Serialize};

use crate::{Fact, Rejection};

/// What is decided on about the account itself.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct AccountState {
    user_id: Option<OwnedUserId>,
    is_deactivated: bool,
}

impl AccountState {
    /// The account, if it exists and is active.
    ///
    /// # Errors
    /// 404 `M_NOT_FOUND` for nobody, 403 `M_USER_DEACTIVATED` after deactivation.
    pub fn active(&self) -> Result<&OwnedUserId, Rejection> {
        let user_id = self.user_id.as_ref().ok_or_else(|| Rejection::not_found("There is no such account."))?;
        if self.is_deactivated {
            return Err(Rejection::new(403, ErrorKind::UserDeactivated, "This account has been deactivated."));
        }
        Ok(user_id)
    }

    /// True after deactivation.
    #[must_use]
    pub fn is_deactivated(&self) -> bool {
        self.is_deactivated
    }

    /// Takes one fact in.
    pub fn evolve(&mut self, fact: &Fact) {
        match fact {
            Fact::AccountCreated(fact) => self.user_id = Some(fact.user_id.clone()),
            Fact::AccountDeactivated(_) => self.is_deactivated = true,
            _ => {}
        }
    }
}
