//! View `media`: what was uploaded, and which uploads are awaited. The bytes are in the blob store.

use domain::{Area, Fact, MediaFact, user::media::MediaUploaded};
use projection::{Batch, Fold, Place, Rows, Table, ViewFault};
use ruma::OwnedUserId;
use serde::{Deserialize, Serialize};

use crate::{Audience, Touched};

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

impl Fold<Fact, Audience> for MediaView {
    fn name(&self) -> &'static str {
        "media"
    }

    fn view(&self) -> u8 {
        VIEW
    }

    fn version(&self) -> u32 {
        2
    }

    fn fold(&self, batch: &mut Batch<'_>, _: &mut Touched, fact: &Fact, _: &Place) -> Result<(), ViewFault> {
        match fact.area() {
            Area::Media(fact) => match fact {
                MediaFact::MediaAnnounced(fact) => {
                    let row = MediaRow::Awaited { user_id: fact.user_id.clone(), expires_at_ms: fact.expires_at_ms };
                    MEDIA.put(batch, &fact.media_id, &row)
                }
                MediaFact::MediaUploaded(fact) => MEDIA.put(batch, &fact.media_id, &MediaRow::Uploaded(fact.clone())),
            },
            Area::Room(_)
            | Area::Directory(_)
            | Area::Account(_)
            | Area::Ending(_)
            | Area::Data(_)
            | Area::Keys(_)
            | Area::Inbox(_)
            | Area::Backup(_)
            | Area::Outbox(_) => Ok(()),
        }
    }
}

/// What is at an address of this server, given the last part of its `mxc:` form.
///
/// # Errors
/// Storage failed.
pub fn media(rows: &dyn Rows, media_id: &str) -> Result<Option<MediaRow>, ViewFault> {
    MEDIA.get(rows, media_id)
}
