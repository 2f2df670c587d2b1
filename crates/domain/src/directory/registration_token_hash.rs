//! What is kept of a registration token.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::short_digest::ShortDigest;

/// All that is kept of a registration token: the first 16 bytes of its SHA-256.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RegistrationTokenHash(ShortDigest);

impl RegistrationTokenHash {
    /// The hash of a token as people enter it.
    #[must_use]
    pub fn of(token: &str) -> Self {
        Self(ShortDigest::of(token))
    }

    /// As it is written: base64.
    #[must_use]
    pub fn to_text(self) -> String {
        self.0.to_text()
    }
}

impl fmt::Debug for RegistrationTokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RegistrationTokenHash(…)")
    }
}
