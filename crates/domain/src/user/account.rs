//! Whether an account exists, is active or locked, and how its password may be reset. Names and addresses are the directory's.

use ruma::{OwnedUserId, api::error::ErrorKind};
use serde::{Deserialize, Serialize};

use super::token::TokenHash;
use crate::{Fact, Rejection};

/// What is decided on about the account itself.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct AccountState {
    user_id: Option<OwnedUserId>,
    is_deactivated: bool,
    is_locked: bool,
    is_to_be_erased: bool,
    is_erased: bool,
    reset_link: Option<ResetLink>,
    /// Which password it has: the hash of the hash. A link that was sent by email counts as long as it is this one.
    password: Option<TokenHash>,
}

/// The newest link by which a new password can be set.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct ResetLink {
    token: TokenHash,
    expires_at_ms: u64,
}

impl AccountState {
    /// The account, if it exists and is active. It may be locked.
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

    /// The account, if its owner may use it.
    ///
    /// # Errors
    /// As [`Self::active`], and 401 `M_USER_LOCKED` while it is locked.
    pub fn usable(&self) -> Result<&OwnedUserId, Rejection> {
        let user_id = self.active()?;
        if self.is_locked { Err(locked_account()) } else { Ok(user_id) }
    }

    /// True after deactivation.
    #[must_use]
    pub fn is_deactivated(&self) -> bool {
        self.is_deactivated
    }

    /// True after deactivation, if what can be forgotten of its owner is to be forgotten.
    #[must_use]
    pub fn is_to_be_erased(&self) -> bool {
        self.is_to_be_erased
    }

    /// True once that is done.
    #[must_use]
    pub fn is_erased(&self) -> bool {
        self.is_erased
    }

    /// True while nobody may use the account.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        self.is_locked
    }

    /// Whether a link with this token counts at a time.
    #[must_use]
    pub fn has_reset_link(&self, token: TokenHash, now_ms: u64) -> bool {
        self.reset_link.is_some_and(|link| link.token == token && now_ms < link.expires_at_ms)
    }

    /// Whether the password is still the one with this hash of its hash; none for no password.
    #[must_use]
    pub fn has_password(&self, password: Option<TokenHash>) -> bool {
        self.password == password
    }

    /// Takes one fact in.
    pub fn evolve(&mut self, fact: &Fact) {
        match fact {
            Fact::AccountCreated(fact) => self.user_id = Some(fact.user_id.clone()),
            Fact::AccountDeactivated(fact) => {
                let is_to_be_erased = self.is_to_be_erased || fact.erase;
                *self = Self {
                    user_id: self.user_id.take(),
                    is_deactivated: true,
                    is_to_be_erased,
                    is_erased: self.is_erased,
                    ..Self::default()
                };
            }
            Fact::AccountErased(fact) => self.is_erased |= fact.is_last,
            Fact::AccountLocked(_) => self.is_locked = true,
            Fact::AccountUnlocked(_) => self.is_locked = false,
            Fact::ResetLinkMade(fact) => {
                self.reset_link = Some(ResetLink { token: fact.token, expires_at_ms: fact.expires_at_ms });
            }
            // Also when its owner has remembered the old one: a link that nobody needs any more is not left lying about.
            Fact::PasswordSet(fact) => {
                self.reset_link = None;
                self.password = Some(TokenHash::of(&fact.phc));
            }
            _ => {}
        }
    }
}

/// 401 `M_USER_LOCKED` (spec: "Account locking"). It goes out with `soft_logout`, so that clients keep their keys.
#[must_use]
pub fn locked_account() -> Rejection {
    let message = "This account is locked. Nothing of it is lost; ask whoever runs this server to unlock it.";
    Rejection::new(401, ErrorKind::UserLocked, message)
}
