//! Media that a person uploads: what it is and whose, not its bytes (spec: "Content repository").

use std::collections::BTreeMap;

use ruma::{
    OwnedUserId,
    api::error::{ErrorKind, LimitExceededErrorData},
};
use serde::{Deserialize, Serialize};

use super::{UserState, token::TokenHash};
use crate::{Command, Context, Decision, Fact, Rejection};

/// Uploads that one account may have announced and not made.
pub const PENDING_MAX: usize = 50;
/// How long an announced upload waits (spec: `POST /_matrix/media/v1/create`, `unused_expires_at`).
pub const PENDING_MS_MAX: u64 = 24 * 60 * 60 * 1_000;
/// The longest content type and the longest file name.
const NAME_BYTES_MAX: usize = 512;

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

/// Announced uploads, and until when each waits.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct MediaState {
    pending: BTreeMap<String, u64>,
}

impl MediaState {
    /// Takes one fact in.
    pub fn evolve(&mut self, fact: &Fact) {
        match fact {
            Fact::MediaAnnounced(fact) => {
                // Without this the expired ones would stay for ever. The fact is as old as the newest expiry less a day.
                let made_at_ms = fact.expires_at_ms.saturating_sub(PENDING_MS_MAX);
                self.pending.retain(|_, expires_at_ms| *expires_at_ms > made_at_ms);
                self.pending.insert(fact.media_id.clone(), fact.expires_at_ms);
            }
            Fact::MediaUploaded(fact) => {
                self.pending.remove(&fact.media_id);
            }
            _ => {}
        }
    }
}

/// Reserves an address for an upload that follows.
#[derive(Clone, Debug)]
pub struct AnnounceMedia {
    /// Who is going to upload.
    pub user_id: OwnedUserId,
}

impl Command for AnnounceMedia {
    type On = UserState;
    type Reply = MediaAnnounced;

    fn key(&self) -> OwnedUserId {
        self.user_id.clone()
    }

    fn decide(self, state: &UserState, context: &Context<'_>) -> Result<Decision<MediaAnnounced>, Rejection> {
        let user_id = state.account.active()?.clone();
        let now_ms = u64::from(context.now.0);
        if state.media.pending.values().filter(|expires_at_ms| **expires_at_ms > now_ms).count() >= PENDING_MAX {
            let kind = ErrorKind::LimitExceeded(LimitExceededErrorData::new());
            return Err(Rejection::new(429, kind, "Upload what you have announced first."));
        }
        let media_id = media_id(context);
        let fact = MediaAnnounced { user_id: user_id.clone(), media_id, expires_at_ms: now_ms + PENDING_MS_MAX };
        Ok(Decision::accept([Fact::MediaAnnounced(fact.clone())], fact))
    }
}

/// Records an upload whose bytes are in the blob store.
#[derive(Clone, Debug)]
pub struct UploadMedia {
    /// Who uploads.
    pub user_id: OwnedUserId,
    /// The address that was reserved; none for a new one.
    pub media_id: Option<String>,
    /// SHA-256 of the bytes.
    pub digest: [u8; 32],
    /// How many bytes.
    pub size_bytes: u64,
    /// What the uploader says it is.
    pub content_type: Option<String>,
    /// What the uploader calls it.
    pub filename: Option<String>,
}

impl Command for UploadMedia {
    type On = UserState;
    /// The last part of the `mxc:` address.
    type Reply = String;

    fn key(&self) -> OwnedUserId {
        self.user_id.clone()
    }

    fn decide(self, state: &UserState, context: &Context<'_>) -> Result<Decision<String>, Rejection> {
        let user_id = state.account.active()?.clone();
        if [&self.content_type, &self.filename].into_iter().flatten().any(|text| text.len() > NAME_BYTES_MAX) {
            return Err(Rejection::invalid_param("A content type or file name has at most 512 bytes."));
        }
        let media_id = match self.media_id {
            Some(media_id) => match state.media.pending.get(&media_id) {
                Some(expires_at_ms) if *expires_at_ms > u64::from(context.now.0) => media_id,
                // The caller has looked for finished uploads and those of others.
                _ => return Err(Rejection::not_found("No upload to that address is awaited from you.")),
            },
            None => media_id(context),
        };
        let fact = MediaUploaded {
            user_id: user_id.clone(),
            media_id: media_id.clone(),
            digest: TokenHash(self.digest),
            size_bytes: self.size_bytes,
            content_type: self.content_type,
            filename: self.filename,
        };
        Ok(Decision::accept([Fact::MediaUploaded(fact)], media_id))
    }
}

/// 24 letters and digits, about 124 bits: nobody guesses an address.
fn media_id(context: &Context<'_>) -> String {
    context.entropy.token(24)
}
