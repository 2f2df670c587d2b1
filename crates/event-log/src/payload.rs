//! What a record holds beside its signed header: the payload, the salt that its digest covers with it, and where salts
//! come from.
//!
//! A digest stays when its payload is erased. Without a salt, whoever guesses a payload could then prove the guess; with
//! one they cannot, because the salt is kept beside the payload and goes with it.

use sha2::{Digest as _, Sha256};

/// Bytes of a salt.
pub const SALT_BYTES: usize = 16;
/// Random bytes of one record, which nobody can guess.
pub type Salt = [u8; SALT_BYTES];

/// A record's content, or why it is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payload {
    /// What the digest covers.
    Present(Content),
    /// Deleted; a `log.erased` record names the position.
    Erased,
    /// Left out of the export that this log was imported from; only for [`crate::Class::Secret`].
    Withheld,
}

/// A payload's bytes, and the salt that belongs to them. Neither is ever kept without the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    salt: Option<Salt>,
    bytes: Vec<u8>,
}

impl Content {
    /// The content of a record of version 2.
    #[must_use]
    pub const fn salted(salt: Salt, bytes: Vec<u8>) -> Self {
        Self { salt: Some(salt), bytes }
    }

    /// The content of a record of version 1, which has no salt.
    #[must_use]
    pub const fn unsalted(bytes: Vec<u8>) -> Self {
        Self { salt: None, bytes }
    }

    /// The payload.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The salt; nothing in records of version 1.
    #[must_use]
    pub const fn salt(&self) -> Option<&Salt> {
        self.salt.as_ref()
    }

    pub(crate) fn digest(&self) -> [u8; 32] {
        digest(self.salt.as_ref().map_or(&[], Salt::as_slice), &self.bytes)
    }
}

/// SHA-256 of the salt, which has no bytes in version 1, and the payload.
pub(crate) fn digest(salt: &[u8], payload: &[u8]) -> [u8; 32] {
    Sha256::new().chain_update(salt).chain_update(payload).finalize().into()
}

/// The machine gave no random bytes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the system gives no randomness: {0}")]
pub struct NoRandomness(pub String);

/// Where salts come from.
pub trait Salts: Send + Sync {
    /// Overwrites all of `salts`, each with bytes that nobody can guess or derive from others.
    ///
    /// # Errors
    /// When there is no randomness; then nothing is recorded.
    fn draw(&self, salts: &mut [Salt]) -> Result<(), NoRandomness>;
}

/// The operating system's randomness. It is asked for each unit anew: a seed that salts grow from would bring erased ones
/// back for whoever gets hold of it.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemSalts;

impl Salts for SystemSalts {
    fn draw(&self, salts: &mut [Salt]) -> Result<(), NoRandomness> {
        getrandom::fill(salts.as_flattened_mut()).map_err(|error| NoRandomness(error.to_string()))
    }
}
