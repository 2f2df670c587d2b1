//! Section `registration`: who may sign up.

use serde::{Deserialize, Serialize};

use super::{Check, registration_token::RegistrationToken, section};
use crate::{error::ConfigError, from_text::FromText};

/// Who may sign up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RegistrationMode {
    /// Everybody.
    Open,
    /// Who has an invite, or one of the tokens.
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
/// The longest (spec: "Token-authenticated registration").
const TOKEN_BYTES_MAX: usize = 64;

section! {
    /// Who may sign up.
    Registration {
        /// "open": everybody. "invite": who has an invite, which `hearth invite new` makes while the server runs, or one of the
        /// tokens below. "closed": nobody. While nobody has signed up, each start prints a link for the first account, whatever
        /// stands here: it becomes an admin.
        mode: RegistrationMode = RegistrationMode::Invite, "HEARTH_REGISTRATION" live;
        /// Tokens for "invite" beside the invites: 16 to 64 letters, digits and . _ ~ - each. A token counts for ever and for
        /// anybody, or as { token = "…", uses = 5, expires = 2027-12-31 } for so many accounts and until that day or moment
        /// (UTC); either may be left out. How often each was used is kept. In the environment, plain ones with commas in
        /// between.
        tokens: Vec<RegistrationToken> = Vec::new(), "HEARTH_REGISTRATION_TOKENS" live;
    }
}

impl Check for Registration {
    fn check(&self) -> Result<(), ConfigError> {
        let mistake = |problem: &str| Err(ConfigError::value("registration.tokens", problem));
        if !self.tokens.iter().all(RegistrationToken::is_well_formed) {
            return mistake(
                "a token is 16 to 64 letters, digits and . _ ~ - (shorter ones can be guessed); `openssl rand -hex 16` makes one",
            );
        }
        if self.tokens.iter().any(|token| token.uses == Some(0)) {
            return mistake("\"uses\" is at least 1; leave the token out to end it");
        }
        let mut names: Vec<_> = self.tokens.iter().map(|token| &token.token).collect();
        names.sort_unstable();
        if names.windows(2).any(|pair| matches!(pair, [one, other] if one == other)) {
            return mistake("a token is there twice");
        }
        Ok(())
    }
}

impl RegistrationToken {
    /// The specification's grammar, and long enough that nobody guesses one.
    fn is_well_formed(&self) -> bool {
        (TOKEN_BYTES_MIN..=TOKEN_BYTES_MAX).contains(&self.token.len())
            && self.token.bytes().all(|b| b.is_ascii_alphanumeric() || b"._~-".contains(&b))
    }
}
