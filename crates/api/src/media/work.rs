//! What media has under way in this process.

use super::{thumbnail::Thumbnails, under_way::UploadsUnderWay};
use crate::memory::MemoryPlan;

/// Uploads and thumbnails under way. Cheap to clone.
#[derive(Clone)]
pub struct MediaWork {
    pub(super) thumbnails: Thumbnails,
    pub(super) uploads: UploadsUnderWay,
}

impl MediaWork {
    /// Nothing yet, and not more than there is memory for.
    #[must_use]
    pub fn new(memory: &MemoryPlan) -> Self {
        Self { thumbnails: Thumbnails::new(memory), uploads: UploadsUnderWay::default() }
    }
}
