//! Access and refresh tokens: opaque random text for the client, a SHA-256 hash for everybody else.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};

/// The SHA-256 hash of a token: all that is kept of it. A token has 256 bits of randomness, so that the hash needs
/// neither salt nor slowness.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenHash(pub [u8; 32]);

impl TokenHash {
    /// The hash of a token as a client sends it.
    #[must_use]
    pub fn of(token: &str) -> Self {
        Self(Sha256::digest(token.as_bytes()).into())
    }

    /// The hash as text, 43 characters.
    #[must_use]
    pub fn to_text(self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }
}

/// A refresh token as a client shows it: `hearthr_FAMILY.SECRET`. All refresh tokens of a session begin with the same
/// random family, so that one that counts no more is known for one of them without a list of all there ever were. Only
/// who has had a token of the family knows it. Tokens of older servers have none.
#[derive(Clone, PartialEq, Eq)]
pub struct RefreshToken {
    family: Option<String>,
    hash: TokenHash,
}

impl RefreshToken {
    /// The token in this text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        Self { family: text.split_once('.').map(|(family, _)| family.to_owned()), hash: TokenHash::of(text) }
    }

    /// What it begins with.
    #[must_use]
    pub fn family(&self) -> Option<&str> {
        self.family.as_deref()
    }

    /// The hash of what it begins with.
    #[must_use]
    pub fn family_hash(&self) -> Option<TokenHash> {
        self.family().map(TokenHash::of)
    }

    /// The hash of the whole token.
    #[must_use]
    pub fn hash(&self) -> TokenHash {
        self.hash
    }
}

impl fmt::Debug for RefreshToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RefreshToken(…)")
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash(…)")
    }
}

impl Serialize for TokenHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_text())
    }
}

impl<'de> Deserialize<'de> for TokenHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(serde::de::Error::custom)?;
        bytes.try_into().map(Self).map_err(|_| serde::de::Error::custom("a hash has 32 bytes"))
    }
}
