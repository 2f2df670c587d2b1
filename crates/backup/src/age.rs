//! Encryption to one recipient in the format of age (<https://c2sp.org/age>), with X25519 keys and nothing else of it. Whoever has the
//! identity can open a file with the program `age` as well.
//!
//! Decision 61 says why this is not the crate `age`.

mod header;
mod keys;
mod stream;

pub use keys::{Identity, NoKey, Recipient};
pub(crate) use stream::{Opening, Sealing};

use chacha20poly1305::{ChaCha20Poly1305, Key, KeyInit as _};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

/// What encrypts one file, before a key for each purpose is drawn from it.
type FileKey = Zeroizing<[u8; 16]>;

/// A key of 32 bytes for one purpose.
fn derived(secret: &[u8], salt: &[u8], purpose: &[u8]) -> Zeroizing<[u8; 32]> {
    let mut key = Zeroizing::new([0; 32]);
    // 32 bytes are far from the most that HKDF gives.
    let _infallible = Hkdf::<Sha256>::new(Some(salt), secret).expand(purpose, key.as_mut());
    key
}

fn cipher(key: &Zeroizing<[u8; 32]>) -> ChaCha20Poly1305 {
    ChaCha20Poly1305::new(&Key::from(**key))
}

#[cfg(test)]
mod tests;
