//! What was decided about accounts and their sessions.

use ruma::{OwnedDeviceId, OwnedUserId};
use serde::{Deserialize, Serialize};

use super::token::TokenHash;
use crate::directory::By;

/// Fact `account.created`, version 1: the first of a person's stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountCreated {
    /// The account.
    pub user_id: OwnedUserId,
}

/// Fact `account.password_set`, version 1, secret.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordSet {
    /// Whoever set it came by a reset link that an admin had made.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_link: bool,
    /// Argon2id hash in PHC form.
    pub phc: String,
    /// The account.
    pub user_id: OwnedUserId,
}

impl std::fmt::Debug for PasswordSet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PasswordSet").field("by_link", &self.by_link).field("user_id", &self.user_id).finish_non_exhaustive()
    }
}

/// Fact `account.deactivated`, version 1: nobody logs in to the account again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountDeactivated {
    /// The admin who did it; none when it was the owner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<By>,
    /// What can be forgotten of its owner is to be forgotten.
    pub erase: bool,
    /// The account.
    pub user_id: OwnedUserId,
}

/// Fact `session.opened`, version 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionOpened {
    /// The device, which had no session before.
    pub device_id: OwnedDeviceId,
    /// A name for the device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// The account.
    pub user_id: OwnedUserId,
}

/// Fact `session.credentials_set`, version 1, secret: these tokens now speak for a session, older ones do not.
///
/// With `refreshed`, the refresh token that it names still counts until these tokens are used; with `family` as well,
/// the access token that was given out with it does too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CredentialsSet {
    /// Hash of the access token.
    pub access_token: TokenHash,
    /// The session.
    pub device_id: OwnedDeviceId,
    /// When the access token ends, milliseconds since the epoch; none for never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at_ms: Option<u64>,
    /// Hash of what all refresh tokens of the session begin with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub family: Option<TokenHash>,
    /// Hash of the refresh token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<TokenHash>,
    /// Hash of the refresh token that was used to get these, if they were got so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refreshed: Option<TokenHash>,
    /// The account.
    pub user_id: OwnedUserId,
}

/// Fact `session.credentials_used`, version 1, secret: tokens that a refresh gave out were used for the first time. Those
/// before them count no more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CredentialsUsed {
    /// Hash of the access token.
    pub access_token: TokenHash,
    /// The session.
    pub device_id: OwnedDeviceId,
    /// The account.
    pub user_id: OwnedUserId,
}

/// Fact `session.closed`, version 1: the tokens, keys and waiting messages of the device are gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionClosed {
    /// The device.
    pub device_id: OwnedDeviceId,
    /// The account.
    pub user_id: OwnedUserId,
}

/// Fact `device.renamed`, version 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceRenamed {
    /// The device.
    pub device_id: OwnedDeviceId,
    /// The new name; none for no name.
    pub display_name: Option<String>,
    /// The account.
    pub user_id: OwnedUserId,
}
