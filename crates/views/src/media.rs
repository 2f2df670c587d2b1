//! View `media`: what was uploaded, and which uploads are awaited. The bytes are in the blob store.

use domain::{Fact, user::media::MediaUploaded};
use projection::{Batch, Fault, Fold, Placed, Rows, Table};
use ruma::OwnedUserId;
use serde::{Deserialize, Serialize};

const VIEW: u8 = 9;

/// Media id → media.
const MEDIA: Table<String, MediaRow> = Table::new(VIEW, 1);

/// One address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum MediaRow {
    /// Reserved for an upload that follows.
    Awaited {
        /// Who will upload.
        user_id: OwnedUserId,
        /// Until when, milliseconds since the epoch. The reader compares.
        expires_at_ms: u64,
    },
    /// Uploaded.
    Uploaded(MediaUploaded),
}

/// The view's fold.
pub struct MediaView;

impl Fold<Fact> for MediaView {
    fn name(&self) -> &'static str {
        "media"
    }

    fn view(&self) -> u8 {
        VIEW
    }

    fn version(&self) -> u32 {
        2
    }

    fn fold(&self, batch: &mut Batch<'_>, placed: &Placed<Fact>) -> Result<(), Fault> {
        match &placed.fact {
            Some(Fact::MediaAnnounced(fact)) => {
                let row = MediaRow::Awaited { user_id: fact.user_id.clone(), expires_at_ms: fact.expires_at_ms };
                MEDIA.put(batch, &fact.media_id, &row)
            }
            Some(Fact::MediaUploaded(fact)) => MEDIA.put(batch, &fact.media_id, &MediaRow::Uploaded(fact.clone())),
            _ => Ok(()),
        }
    }
}

/// What is at an address of this server, given the last part of its `mxc:` form.
///
/// # Errors
/// Storage failed.
pub fn media(rows: &dyn Rows, media_id: &str) -> Result<Option<MediaRow>, Fault> {
    MEDIA.get(rows, media_id)
}
