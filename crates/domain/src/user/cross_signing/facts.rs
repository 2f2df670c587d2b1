//! What was decided about cross-signing.

use std::collections::BTreeMap;

use ruma::{CanonicalJsonObject, OwnedUserId};
use serde::{Deserialize, Serialize};

/// A person set cross-signing keys. Those that are absent stay as they were.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CrossSigningKeysUploaded {
    /// Signs the other two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub master: Option<CanonicalJsonObject>,
    /// Signs the person's own devices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub self_signing: Option<CanonicalJsonObject>,
    /// Whose keys.
    pub user_id: OwnedUserId,
    /// Signs the master keys of other people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_signing: Option<CanonicalJsonObject>,
}

/// A person signed a device, their own master key, or the master key of somebody else.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SignaturesAdded {
    /// Signatures by the id of the key that made them, such as `ed25519:JLAFKJWSCS`.
    pub signatures: BTreeMap<String, String>,
    /// The device id, or the public master key in base64.
    pub target: String,
    /// Whose device or master key was signed.
    pub target_user_id: OwnedUserId,
    /// Who signed.
    pub user_id: OwnedUserId,
}
