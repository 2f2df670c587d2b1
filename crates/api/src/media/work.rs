//! What media has under way in this process.

use super::{thumbnail::Thumbnails, under_way::UploadsUnderWay};

/// Uploads and thumbnails under way. Cheap to clone.
#[derive(Clone, Default)]
pub struct MediaWork {
    pub(super) thumbnails: Thumbnails,
    pub(super) uploads: UploadsUnderWay,
}
