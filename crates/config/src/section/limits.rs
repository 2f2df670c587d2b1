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
        /// Connections to the server at once. Not set: as many as the system's limit of open files (ulimit -n) has room
        /// for beside the server's own, and at most 100000; each that waits for news takes about 12 KB of memory.
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

impl Limits {
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        for (setting, value) in [
            ("limits.writes_per_second", u64::from(self.writes_per_second)),
            ("limits.reads_per_second", u64::from(self.reads_per_second)),
            ("limits.logins_per_minute", u64::from(self.logins_per_minute)),
            ("limits.max_connections", self.max_connections.map_or(1, u64::from)),
            ("limits.max_connections_per_address", u64::from(self.max_connections_per_address)),
            ("limits.idle_timeout_s", u64::from(self.idle_timeout_s)),
            ("limits.upload_bytes_max", self.upload_bytes_max),
        ] {
            if value == 0 {
                return Err(ConfigError::value(setting, "must be at least 1"));
            }
        }
        Ok(())
    }
}
