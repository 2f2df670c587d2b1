//! Media that a person uploads: what it is and whose, not its bytes (spec: "Content repository").

mod admit;
mod announce;
mod erase;
mod facts;
#[cfg(test)]
mod tests;
mod upload;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use admit::{AdmitUpload, Room, UploadName};
pub use announce::AnnounceMedia;
pub use erase::{ERASED_AT_ONCE_MAX, EraseMedia};
pub use facts::{ErasedMedia, MediaAnnounced, MediaErased, MediaUploaded};
pub use upload::UploadMedia;

use crate::Fact;

/// Uploads that one account may have announced and not made.
pub const PENDING_MAX: usize = 50;
/// How long an announced upload waits (spec: `POST /_matrix/media/v1/create`, `unused_expires_at`).
pub const PENDING_MS_MAX: u64 = 24 * 60 * 60 * 1_000;
/// The least that a file counts towards a quota, bytes: a block of the disk, which the smallest file takes as well.
const CHARGED_BYTES_MIN: u64 = 4_096;

/// What a file of this size counts towards quotas, bytes.
#[must_use]
pub fn charged_bytes(size_bytes: u64) -> u64 {
    size_bytes.max(CHARGED_BYTES_MIN)
}

/// Announced uploads, and how much was uploaded.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct MediaState {
    /// Until when each waits, milliseconds since the epoch.
    pending: BTreeMap<String, u64>,
    /// What counts towards the quota, bytes.
    used_bytes: u64,
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
                self.used_bytes = self.used_bytes.saturating_add(charged_bytes(fact.size_bytes));
            }
            Fact::MediaErased(fact) => {
                // The payload that said that they were uploaded is erased, and a replay does not find it.
                for gone in &fact.media {
                    self.pending.remove(&gone.media_id);
                }
                self.used_bytes = fact.used_bytes;
            }
            _ => {}
        }
    }
}
