//! `[limits]`.

use std::num::NonZeroU32;

use crate::{section::section, switch::Switch};

/// Fifty in a second, far above what a person does.
const WRITES: NonZeroU32 = NonZeroU32::MIN.saturating_add(49);
/// Thirty in a minute.
const LOGINS: NonZeroU32 = NonZeroU32::MIN.saturating_add(29);

section! {
    /// Rate limits. Behind a proxy, make sure that it passes the client's address on.
    Limits = "limits" {
        /// Off only for load tests.
        rate_limits: Switch = Switch(true), "HEARTH_RATE_LIMITS";
        /// Writes of one person, in a second. Bursts of ten times as many pass.
        writes_per_second: NonZeroU32 = WRITES, "HEARTH_WRITES_PER_SECOND";
        /// Attempts to log in or to sign up, in a minute, from one address and on one account.
        logins_per_minute: NonZeroU32 = LOGINS, "HEARTH_LOGINS_PER_MINUTE";
    }
}
