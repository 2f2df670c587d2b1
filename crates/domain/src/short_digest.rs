//! Short digests of texts that a state holds in great number and only compares.

use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use sha2::{Digest, Sha256};

/// The first 16 bytes of a text's SHA-256; as JSON their base64.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ShortDigest([u8; 16]);

impl ShortDigest {
    pub(crate) fn of(text: &str) -> Self {
        let hash: [u8; 32] = Sha256::digest(text).into();
        let mut digest = [0; 16];
        digest.copy_from_slice(&hash[..16]);
        Self(digest)
    }

    pub(crate) fn to_text(self) -> String {
        STANDARD_NO_PAD.encode(self.0)
    }
}

impl Serialize for ShortDigest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_text())
    }
}

impl<'de> Deserialize<'de> for ShortDigest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = STANDARD_NO_PAD.decode(text).map_err(D::Error::custom)?;
        bytes.try_into().map(Self).map_err(|_| D::Error::custom("a short digest has 16 bytes"))
    }
}
