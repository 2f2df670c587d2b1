//! Section `retention`: how long what people write is kept.

use super::{Check, section};
use crate::error::ConfigError;

/// The most days: a hundred years.
const DAYS_MAX: u32 = 36_525;

section! {
    /// How long what people write is kept. docs/operations/retention.md says what goes, and what stays.
    Retention {
        /// After so many days messages and files are erased from the server, for everybody and for good. Not set: they are kept.
        days: Option<u32> = None, "HEARTH_RETENTION_DAYS";
    }
}

impl Check for Retention {
    fn check(&self) -> Result<(), ConfigError> {
        if self.days.is_some_and(|days| !(1..=DAYS_MAX).contains(&days)) {
            return Err(ConfigError::value("retention.days", "must be from 1 to 36525"));
        }
        Ok(())
    }
}
