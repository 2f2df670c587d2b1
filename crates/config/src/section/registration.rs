//! Section `registration`: who may sign up.

use serde::{Deserialize, Serialize};

use super::section;
use crate::{ConfigError, from_text::FromText};

/// Who may sign up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RegistrationMode {
    /// Everybody.
    Open,
    /// Who has one of the tokens.
    Invite,
    /// Nobody.
    Closed,
}

impl FromText for RegistrationMode {
    const EXPECTED: &'static str = "open, invite or closed";

    fn from_text(text: &str) -> Option<Self> {
        match text {
            "open" => Some(Self::Open),
            "invite" => Some(Self::Invite),
            "closed" => Some(Self::Closed),
            _ => None,
        }
    }
}

/// The shortest registration token, bytes.
const TOKEN_BYTES_MIN: usize = 16;

section! {
    /// Who may sign up.
    Registration {
        /// "open": everybody. "invite": who has one of the tokens below. "closed": nobody.
        mode: RegistrationMode = RegistrationMode::Closed, "HEARTH_REGISTRATION";
        /// Tokens for "invite": 16 to 64 letters, digits and . _ ~ - each. In the environment, with commas in between.
        tokens: Vec<String> = Vec::new(), "HEARTH_REGISTRATION_TOKENS";
    }
}

impl Registration {
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        if self.mode == RegistrationMode::Invite && self.tokens.is_empty() {
            return Err(ConfigError::value(
                "registration.tokens",
                "with mode \"invite\" there must be a token, or nobody can sign up",
            ));
        }
        // The specification's grammar for registration tokens, and long enough that nobody guesses one.
        let is_token = |token: &String| {
            (TOKEN_BYTES_MIN..=64).contains(&token.len())
                && token.bytes().all(|b| b.is_ascii_alphanumeric() || b"._~-".contains(&b))
        };
        if !self.tokens.iter().all(is_token) {
            return Err(ConfigError::value(
                "registration.tokens",
                "a token is 16 to 64 letters, digits and . _ ~ - (shorter ones can be guessed); `openssl rand -hex 16` makes one",
            ));
        }
        Ok(())
    }
}
