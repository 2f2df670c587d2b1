//! Whether an account exists, is active and has a password. Names and addresses are the directory's.

use ruma::{OwnedUserId, api::error::ErrorKind};
use serde::{Deserialize, Serialize};

use crate::{Fact, Rejection};

/// Fact `account.created`, version 1: the first of a person's stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountCreated {
    /// The account.
    pub user_id: OwnedUserId,
}

/// Fact `account.password_set`, version 1, secret.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordSet {
    /// Argon2id hash in PHC form.
    pub phc: String,
    /// The account.
    pub user_id: OwnedUserId,
}

impl std::fmt::Debug for PasswordSet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PasswordSet").field("user_id", &self.user_id).finish_non_exhaustive()
    }
}

/// Fact `account.deactivated`, version 1: nobody logs in to the account again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountDeactivated {
    /// Its owner wants what can be forgotten to be forgotten.
    pub erase: bool,
    /// The account.
    pub user_id: OwnedUserId,
}

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
