//! Media that a person uploads: what it is and whose, not its bytes (spec: "Content repository").

mod announce;
mod facts;
mod upload;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use announce::AnnounceMedia;
pub use facts::{MediaAnnounced, MediaUploaded};
pub use upload::UploadMedia;

use crate::Fact;

/// Uploads that one account may have announced and not made.
pub const PENDING_MAX: usize = 50;
/// How long an announced upload waits (spec: `POST /_matrix/media/v1/create`, `unused_expires_at`).
pub const PENDING_MS_MAX: u64 = 24 * 60 * 60 * 1_000;

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
