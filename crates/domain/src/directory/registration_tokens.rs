//! Tokens to sign up with (spec: "Token-authenticated registration"): which count, and how often each was used.

use std::collections::BTreeMap;

use ruma::api::error::ErrorKind;
use serde::{Deserialize, Serialize};

use super::registration_token_hash::RegistrationTokenHash;
use crate::{Fact, Rejection};

/// A token that the admin gives out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegistrationToken {
    /// Its hash.
    pub hash: RegistrationTokenHash,
    /// How many accounts can be made with it; none for any number.
    pub uses_max: Option<u32>,
    /// From when on it does not count, milliseconds since the epoch; none for never.
    pub expires_at_ms: Option<u64>,
}

impl RegistrationToken {
    /// Whether an account can be made with it at a time, when so many were made already.
    #[must_use]
    pub fn counts(&self, uses: u32, now_ms: u64) -> bool {
        self.uses_max.is_none_or(|most| uses < most) && self.expires_at_ms.is_none_or(|end| now_ms < end)
    }
}

/// What somebody signs up with where something is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignUpToken {
    /// A token of the settings, which say what it allows.
    Configured(RegistrationToken),
    /// The token of an invite. What it allows stands in the lane's state.
    Invite(RegistrationTokenHash),
    /// The link of a server that has no account yet. Who comes by it is an admin.
    First,
}

/// How often each token was used.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct TokenUses(BTreeMap<RegistrationTokenHash, u32>);

impl TokenUses {
    /// How many accounts were made with a token.
    #[must_use]
    pub fn of(&self, token: RegistrationTokenHash) -> u32 {
        self.0.get(&token).copied().unwrap_or(0)
    }

    /// Forgets the uses of a token that comes never again.
    pub(super) fn forget(&mut self, token: RegistrationTokenHash) {
        self.0.remove(&token);
    }

    /// Takes one fact in.
    pub fn evolve(&mut self, fact: &Fact) {
        if let Fact::RegistrationTokenUsed(fact) = fact {
            let uses = self.0.entry(fact.token).or_default();
            *uses = uses.saturating_add(1);
        }
    }
}

/// 401 `M_FORBIDDEN`, the same for one that never counted and one that does not count any more.
pub(super) fn token_refused() -> Rejection {
    Rejection::new(401, ErrorKind::Forbidden, "That registration token does not count.")
}
