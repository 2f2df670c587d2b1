//! Section `limits`: how much one client may ask for.

use super::{Check, section};
use crate::error::ConfigError;

/// A minute of this, as far as one device gets it, is more than the largest request.
const WRITE_BYTES_PER_SECOND_MIN: u32 = 128 << 10;

/// Fewer connections let nobody in over HTTP/2.
const CONNECTIONS_MIN: u32 = 4;

section! {
    /// How much one client may ask for.
    Limits {
        /// Whether requests are counted at all. Off is for load tests.
        rate_limits: bool = true, "HEARTH_RATE_LIMITS";
        /// Writes of one person in a second; ten seconds' worth may come at once. One device of theirs gets at most four
        /// fifths of that, and likewise of the reads and bytes below.
        writes_per_second: u32 = 50, "HEARTH_WRITES_PER_SECOND";
        /// Reads of one person in a second, or without a session from one address; ten seconds' worth may come at once.
        reads_per_second: u32 = 200, "HEARTH_READS_PER_SECOND";
        /// Bytes that one person writes in a second; a minute's worth may come at once. A message to all devices of somebody
        /// counts once for each.
        write_bytes_per_second: u32 = 1024 * 1024, "HEARTH_WRITE_BYTES_PER_SECOND";
        /// Bytes of files that one person uploads in a second; ten seconds' worth may come at once, but at least four of
        /// the largest files.
        upload_bytes_per_second: u32 = 8 * 1024 * 1024, "HEARTH_UPLOAD_BYTES_PER_SECOND";
        /// Attempts to log in or sign up in a minute from one address (of IPv6: one /64).
        logins_per_minute: u32 = 30, "HEARTH_LOGINS_PER_MINUTE";
        /// Wrong passwords in an hour for one account from one address, or in one session; a third may come at once. Addresses
        /// from which the account was not used in the last 30 days have ten times as many together.
        failed_logins_per_hour: u32 = 60, "HEARTH_FAILED_LOGINS_PER_HOUR";
        /// One-time keys of one device that one person takes in an hour. After that they get its fallback key.
        key_claims_per_hour: u32 = 20, "HEARTH_KEY_CLAIMS_PER_HOUR";
        /// Connections to the server at once. Not set: as many as the system's limit of open files (ulimit -n) has room
        /// for beside the server's own, and at most 100000; each that waits for news takes about 12 KB of memory. Over
        /// HTTP/2 a connection counts as two, and each request beyond its first as one more.
        max_connections: Option<u32> = None, "HEARTH_MAX_CONNECTIONS";
        /// Connections at once from one address (of IPv6: one /64), never more than half of all. Those of trusted
        /// proxies are not counted.
        max_connections_per_address: u32 = 256, "HEARTH_MAX_CONNECTIONS_PER_ADDRESS";
        /// How many seconds a client may pause in the middle of a request, and how long it may take nothing of an answer
        /// that is there, before its connection is closed. Waiting for news is no pause.
        idle_timeout_s: u32 = 30, "HEARTH_IDLE_TIMEOUT_S";
        /// The largest file that can be uploaded, in bytes.
        upload_bytes_max: u64 = 50 * 1024 * 1024, "HEARTH_UPLOAD_BYTES_MAX";
    }
}

impl Check for Limits {
    fn check(&self) -> Result<(), ConfigError> {
        for (setting, value) in [
            ("limits.writes_per_second", u64::from(self.writes_per_second)),
            ("limits.reads_per_second", u64::from(self.reads_per_second)),
            ("limits.upload_bytes_per_second", u64::from(self.upload_bytes_per_second)),
            ("limits.failed_logins_per_hour", u64::from(self.failed_logins_per_hour)),
            ("limits.key_claims_per_hour", u64::from(self.key_claims_per_hour)),
            ("limits.logins_per_minute", u64::from(self.logins_per_minute)),
            ("limits.idle_timeout_s", u64::from(self.idle_timeout_s)),
            ("limits.upload_bytes_max", self.upload_bytes_max),
        ] {
            if value == 0 {
                return Err(ConfigError::value(setting, "must be at least 1"));
            }
        }
        // A connection over HTTP/2 counts as two, and one address has no more than half of all.
        for (setting, value, least) in [
            ("limits.max_connections", self.max_connections.unwrap_or(CONNECTIONS_MIN), CONNECTIONS_MIN),
            ("limits.max_connections_per_address", self.max_connections_per_address, CONNECTIONS_MIN / 2),
        ] {
            if value < least {
                return Err(ConfigError::value(
                    setting,
                    format!("must be at least {least}: over HTTP/2 a connection counts as two"),
                ));
            }
        }
        // With less, a request of the largest size could never be let through.
        if self.write_bytes_per_second < WRITE_BYTES_PER_SECOND_MIN {
            return Err(ConfigError::value("limits.write_bytes_per_second", "must be at least 131072 (128 KiB)"));
        }
        Ok(())
    }
}
