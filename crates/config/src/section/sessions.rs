//! Section `sessions`: what access tokens are good for.

use super::{Check, section};
use crate::error::ConfigError;

section! {
    /// What access tokens are good for.
    Sessions {
        /// How long an access token lives that its client can refresh, in seconds. Clients that cannot refresh theirs have
        /// one for as long as they are logged in.
        access_token_lifetime_s: u64 = 60 * 60, "HEARTH_ACCESS_TOKEN_LIFETIME_S" live;
        /// Whether an access token may stand in the address of a request, for clients from before 2024 (Matrix 1.11). Proxies
        /// write addresses into their logs.
        access_token_in_url: bool = false, "HEARTH_ACCESS_TOKEN_IN_URL" live;
    }
}

impl Check for Sessions {
    fn check(&self) -> Result<(), ConfigError> {
        // Shorter ones are spent on refreshing; a year is no end.
        if !(60..=365 * 24 * 60 * 60).contains(&self.access_token_lifetime_s) {
            return Err(ConfigError::value("sessions.access_token_lifetime_s", "must be 60 to 31536000 (a year)"));
        }
        Ok(())
    }
}
