//! What a decision may know of the world: the time, some randomness, the server's name and key, its policy.

use std::cell::Cell;

use ruma::{MilliSecondsSinceUnixEpoch, RoomVersionId, ServerName, signatures::Ed25519KeyPair};
use sha2::{Digest, Sha256};

use crate::lookup::Lookup;

/// The surroundings of one decision. Two decisions with equal contexts on equal states are equal.
pub struct Context<'a> {
    /// The time of the decision.
    pub now: MilliSecondsSinceUnixEpoch,
    /// Randomness for identifiers made in this decision.
    pub entropy: Entropy,
    /// The domain part of this server's identifiers.
    pub server_name: &'a ServerName,
    /// Signs PDUs. Ed25519 signatures are deterministic, so that signing is pure.
    pub signing_key: &'a Ed25519KeyPair,
    /// The admin's choices that rules depend on.
    pub policy: &'a Policy,
    /// What is known beside the state that is decided on.
    pub lookup: &'a dyn Lookup,
}

/// The admin's choices that rules depend on.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Rooms are created encrypted, and unencrypted message content is refused.
    pub require_encryption: bool,
    /// The version of rooms whose creator asks for none.
    pub default_room_version: RoomVersionId,
    /// How much may be uploaded.
    pub media: MediaQuota,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            require_encryption: true,
            default_room_version: RoomVersionId::V11,
            media: MediaQuota { person_bytes: 5 << 30, total_bytes: None },
        }
    }
}

/// How much media may be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MediaQuota {
    /// Of one person, bytes.
    pub person_bytes: u64,
    /// Of everybody, bytes; none for as much as the disk has room for.
    pub total_bytes: Option<u64>,
}

/// A bounded source of randomness that is drawn once, outside, and stretched here by SHA-256 in counter mode.
#[derive(Debug)]
pub struct Entropy {
    seed: [u8; 32],
    drawn: Cell<u64>,
}

impl Entropy {
    /// Entropy from 32 random bytes.
    #[must_use]
    pub fn new(seed: [u8; 32]) -> Self {
        Self { seed, drawn: Cell::new(0) }
    }

    /// The next 32 bytes.
    pub fn bytes(&self) -> [u8; 32] {
        let count = self.drawn.get();
        self.drawn.set(count + 1);
        Sha256::new().chain_update(self.seed).chain_update(count.to_be_bytes()).finalize().into()
    }

    /// `len` (at most 32) letters and digits that a person can read out, about 5.2 bits each.
    pub fn token(&self, len: usize) -> String {
        const LETTERS: &[u8; 36] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
        self.bytes().iter().take(len).map(|b| char::from(LETTERS[usize::from(*b) % LETTERS.len()])).collect()
    }
}
