//! What was decided about media.

use ruma::OwnedUserId;
use serde::{Deserialize, Serialize};

use crate::user::token::TokenHash;

/// Fact `media.announced`, version 1: an `mxc:` address is reserved for bytes that follow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaAnnounced {
    /// Until when, milliseconds since the epoch.
    pub expires_at_ms: u64,
    /// The last part of the address.
    pub media_id: String,
    /// Who will upload.
    pub user_id: OwnedUserId,
}

/// Fact `media.erased`, version 1: nobody gets these media any more. The payloads that said what they were go with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaErased {
    /// What is gone.
    pub media: Vec<ErasedMedia>,
    /// Where in the log the facts stand that recorded the uploads: their payloads are erased.
    pub positions: Vec<u64>,
    /// What counts towards the owner's quota from now on, bytes. Not the difference: who reads the log later finds the
    /// payloads of the uploads erased, and has to come to the same.
    pub used_bytes: u64,
    /// Whose they were.
    pub user_id: OwnedUserId,
}

/// One upload that is gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErasedMedia {
    /// SHA-256 of the bytes.
    pub digest: TokenHash,
    /// The last part of the address.
    pub media_id: String,
}

/// Fact `media.uploaded`, version 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaUploaded {
    /// What the uploader says it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// SHA-256 of the bytes, which is their address in the blob store.
    pub digest: TokenHash,
    /// What the uploader calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filename: Option<String>,
    /// The last part of the address.
    pub media_id: String,
    /// How many bytes.
    pub size_bytes: u64,
    /// Who uploaded.
    pub user_id: OwnedUserId,
}
