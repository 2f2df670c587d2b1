//! What was decided about names that are unique on the server.

use ruma::{OwnedRoomAliasId, OwnedRoomId, OwnedUserId};
use serde::{Deserialize, Serialize};

use super::{by::By, email::EmailAddress, registration_token_hash::RegistrationTokenHash};

/// Fact `alias.added`, version 1.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AliasAdded {
    /// The address.
    pub alias: OwnedRoomAliasId,
    /// Who gave it, and may take it away.
    pub creator: OwnedUserId,
    /// The room it leads to.
    pub room_id: OwnedRoomId,
}

/// Fact `alias.removed`, version 1.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AliasRemoved {
    /// The address.
    pub alias: OwnedRoomAliasId,
    /// Who took it away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remover: Option<OwnedUserId>,
    /// The room that it led to, whose state may name it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room_id: Option<OwnedRoomId>,
}

/// Fact `room.listed`, version 1.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RoomListed {
    /// Whether it stands in the public list from now on.
    pub is_listed: bool,
    /// The room.
    pub room_id: OwnedRoomId,
}

/// Fact `account.registered`, version 1: a user name is taken, for ever.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountRegistered {
    /// The new account.
    pub user_id: OwnedUserId,
}

/// Fact `account.email_added`, version 1: an address, not verified, belongs to an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmailAdded {
    /// The address.
    pub email: EmailAddress,
    /// Whose address.
    pub user_id: OwnedUserId,
}

/// Fact `account.email_verified`, version 1: whoever reads what is sent to an address has said that the account is theirs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmailVerified {
    /// The address.
    pub email: EmailAddress,
    /// Whose address.
    pub user_id: OwnedUserId,
}

/// Fact `account.email_removed`, version 1: the address is free again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmailRemoved {
    /// The address.
    pub email: EmailAddress,
    /// Whose address it was.
    pub user_id: OwnedUserId,
}

/// Fact `registration.token_used`, version 1: an account was made with a registration token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegistrationTokenUsed {
    /// Hash of the token.
    pub token: RegistrationTokenHash,
}

/// Fact `invite.made`, version 1: so many people can sign up with a token, until some moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InviteMade {
    /// Who made it.
    pub by: By,
    /// From when on it does not count, milliseconds since the epoch.
    pub expires_at_ms: u64,
    /// By which it is listed and revoked.
    pub id: String,
    /// What the admin wants to remember of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Hash of the token.
    pub token: RegistrationTokenHash,
    /// How many accounts can be made with it.
    pub uses_max: u32,
}

/// Fact `invite.revoked`, version 1: nobody signs up with an invite any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InviteRevoked {
    /// Who revoked it.
    pub by: By,
    /// The invite.
    pub id: String,
}

/// Fact `account.admin_unmade`, version 1: an account is no admin of this server any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdminUnmade {
    /// Who made it none.
    pub by: By,
    /// The account.
    pub user_id: OwnedUserId,
}

/// Fact `account.admin_made`, version 1: an account is an admin of this server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdminMade {
    /// Who made it one.
    pub by: By,
    /// The account.
    pub user_id: OwnedUserId,
}
