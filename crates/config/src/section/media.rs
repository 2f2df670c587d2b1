//! Section `media`: how much uploaded files may take.

use super::{Check, section};
use crate::error::ConfigError;

/// The least that is left free, bytes: twice what the log keeps for itself, so that uploads never stop the log.
const DISK_RESERVE_BYTES_MIN: u64 = 128 * 1024 * 1024;

section! {
    /// How much uploaded files may take. What one is allowed stands under limits.upload_bytes_max.
    Media {
        /// How much one person may have on the server, in bytes. A file counts at least 4096.
        quota_person_bytes: u64 = 5 * 1024 * 1024 * 1024, "HEARTH_MEDIA_QUOTA_PERSON_BYTES";
        /// How much all people together may have on the server, in bytes. Not set: as much as the disk has room for.
        quota_total_bytes: Option<u64> = None, "HEARTH_MEDIA_QUOTA_TOTAL_BYTES";
        /// How much of the disk uploads leave free, in bytes: for the log, which takes no messages any more when less
        /// than 67108864 (64 MiB) are left.
        disk_reserve_bytes: u64 = 256 * 1024 * 1024, "HEARTH_MEDIA_DISK_RESERVE_BYTES";
    }
}

impl Check for Media {
    fn check(&self) -> Result<(), ConfigError> {
        if self.disk_reserve_bytes < DISK_RESERVE_BYTES_MIN {
            return Err(ConfigError::value("media.disk_reserve_bytes", "must be at least 134217728 (128 MiB)"));
        }
        Ok(())
    }
}
