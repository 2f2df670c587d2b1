//! Which tokens of a session count (spec: "Refreshing access tokens"; RFC 9700, section 4.14.2). What a lane decides
//! and what the views answer come from the same lines.

use serde::{Deserialize, Serialize};

use super::{
    facts::{CredentialsSet, CredentialsUsed},
    token::{RefreshToken, TokenHash},
};

/// How many pairs that nobody has used yet a session has: as many answers to a refresh may be on their way at once.
pub const UNUSED_MAX: usize = 3;

/// An access token and the refresh token that was given out with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenPair {
    /// Hash of the access token; none where it does not count any more, but the refresh token does.
    pub access: Option<TokenHash>,
    /// Hash of the refresh token; none where the access token never ends.
    pub refresh: Option<TokenHash>,
}

/// The tokens of one session: those in use, and those that were given out for them and have not been seen yet, because
/// the answer may have been lost.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionTokens {
    /// The pair in use; none before there were any.
    pub used: Option<TokenPair>,
    /// Pairs that the refresh token in use led to, oldest first. The first that is used takes its place.
    pub unused: Vec<TokenPair>,
    /// Hash of what all refresh tokens of the session begin with; none where they are older than that.
    pub family: Option<TokenHash>,
}

impl SessionTokens {
    /// Takes new tokens in.
    pub fn set(&mut self, fact: &CredentialsSet) {
        let new = TokenPair { access: Some(fact.access_token), refresh: fact.refresh_token };
        let old = fact.refreshed.and_then(|hash| self.pairs().find(|pair| pair.refresh == Some(hash)).copied());
        self.family = fact.family;
        let Some(old) = old else {
            *self = Self { used: Some(new), unused: Vec::new(), family: fact.family };
            return;
        };
        self.take(old);
        if fact.family.is_none() {
            // Decided before access tokens outlived a refresh: they ended with it.
            self.used = Some(TokenPair { access: None, ..old });
            self.unused.clear();
        }
        self.unused.push(new);
        let surplus = self.unused.len().saturating_sub(UNUSED_MAX);
        self.unused.drain(..surplus);
    }

    /// Takes in that a pair was used.
    pub fn use_access(&mut self, fact: &CredentialsUsed) {
        if let Some(pair) = self.unused_of(fact.access_token).copied() {
            self.take(pair);
        }
    }

    /// The pair that nobody has used yet with this access token.
    #[must_use]
    pub fn unused_of(&self, access: TokenHash) -> Option<&TokenPair> {
        self.unused.iter().find(|pair| pair.access == Some(access))
    }

    /// Whether the access token counts.
    #[must_use]
    pub fn has_access(&self, access: TokenHash) -> bool {
        self.pairs().any(|pair| pair.access == Some(access))
    }

    /// Whether the refresh token counts.
    #[must_use]
    pub fn has_refresh(&self, token: &RefreshToken) -> bool {
        self.pairs().any(|pair| pair.refresh == Some(token.hash()))
    }

    /// Whether the refresh token is of this session and counts no more: somebody has a copy.
    #[must_use]
    pub fn had_refresh(&self, token: &RefreshToken) -> bool {
        self.family.is_some() && self.family == token.family_hash() && !self.has_refresh(token)
    }

    /// All pairs that count.
    pub fn pairs(&self) -> impl Iterator<Item = &TokenPair> {
        self.used.iter().chain(&self.unused)
    }

    /// Puts a pair in use. The one before it and others that were given out meanwhile are gone.
    fn take(&mut self, pair: TokenPair) {
        if self.used != Some(pair) {
            *self = Self { used: Some(pair), unused: Vec::new(), family: self.family };
        }
    }
}
