//! What was decided by admins about the accounts of others.

use ruma::OwnedUserId;
use serde::{Deserialize, Serialize};

use crate::{directory::By, user::TokenHash};

/// Fact `account.locked`, version 1: nobody uses the account until it is unlocked. Its sessions stay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountLocked {
    /// Who locked it.
    pub by: By,
    /// The account.
    pub user_id: OwnedUserId,
}

/// Fact `account.unlocked`, version 1: its owner may use the account again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountUnlocked {
    /// Who unlocked it.
    pub by: By,
    /// The account.
    pub user_id: OwnedUserId,
}

/// Fact `account.reset_link_made`, version 1, secret: whoever has the token can set a new password once, until some moment. Links that were
/// made before count no more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResetLinkMade {
    /// Who made it.
    pub by: By,
    /// From when on it does not count, milliseconds since the epoch.
    pub expires_at_ms: u64,
    /// Hash of the token.
    pub token: TokenHash,
    /// The account.
    pub user_id: OwnedUserId,
}
