//! What is to be sent, to whom. Not what it says.

use serde::{Deserialize, Serialize};

/// What a message is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// Somebody has forgotten the password of the account with this address, if there is one.
    ResetPassword,
    /// Whoever reads the address is asked whether the account is theirs.
    ConfirmAddress,
    /// Whoever reads the address is asked whether it was they who want to add it to an account, by a client that waits for that.
    ProveAddress,
}

/// One message that is to be sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wish {
    /// When it was asked for, milliseconds since the epoch.
    pub at_ms: u64,
    /// The address.
    pub to: String,
    /// The account, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// What the client that waits for it calls this: the session of the specification.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// What it is about.
    pub what: What,
}
