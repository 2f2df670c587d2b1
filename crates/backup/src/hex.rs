//! Hashes as the names of files.

use std::fmt::Write as _;

/// SHA-256 of something.
pub(crate) type Digest = [u8; 32];

pub(crate) fn of(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        // Writing to a string does not fail.
        let _infallible = write!(text, "{byte:02x}");
    }
    text
}

/// The digest that `text` names in small letters.
pub(crate) fn digest(text: &str) -> Option<Digest> {
    let mut digest = Digest::default();
    if text.len() != 2 * digest.len() || text.bytes().any(|letter| letter.is_ascii_uppercase()) {
        return None;
    }
    for (byte, letters) in digest.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(letters).ok()?, 16).ok()?;
    }
    Some(digest)
}
