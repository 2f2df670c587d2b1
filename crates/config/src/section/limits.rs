//! Section `limits`: how much one client may ask for.

use super::section;
use crate::ConfigError;

section! {
    /// How much one client may ask for.
    Limits {
        /// Whether requests are counted at all. Off is for load tests.
        rate_limits: bool = true, "HEARTH_RATE_LIMITS";
        /// Writes of one person in a second; ten seconds' worth may come at once.
        writes_per_second: u32 = 50, "HEARTH_WRITES_PER_SECOND";
        /// Reads of one person in a second, or without a session from one address; ten seconds' worth may come at once.
        reads_per_second: u32 = 200, "HEARTH_READS_PER_SECOND";
        /// Attempts to log in or sign up in a minute, counted for each address and for each account.
        logins_per_minute: u32 = 30, "HEARTH_LOGINS_PER_MINUTE";
        /// The largest file that can be uploaded, in bytes.
        upload_bytes_max: u64 = 50 * 1024 * 1024, "HEARTH_UPLOAD_BYTES_MAX";
    }
}

impl Limits {
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        for (setting, value) in [
            ("limits.writes_per_second", u64::from(self.writes_per_second)),
            ("limits.reads_per_second", u64::from(self.reads_per_second)),
            ("limits.logins_per_minute", u64::from(self.logins_per_minute)),
            ("limits.upload_bytes_max", self.upload_bytes_max),
        ] {
            if value == 0 {
                return Err(ConfigError::value(setting, "must be at least 1"));
            }
        }
        // Uploads are held in memory while they are hashed.
        if self.upload_bytes_max > 1 << 30 {
            return Err(ConfigError::value("limits.upload_bytes_max", "must be at most 1073741824 (1 GiB)"));
        }
        Ok(())
    }
}
