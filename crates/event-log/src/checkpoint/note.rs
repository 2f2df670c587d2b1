//! Signed notes: a text and one Ed25519 signature, the part of <https://c2sp.org/signed-note> that a log needs.
//!
//! Its only author is the log, so a note with other signatures beside the log's is refused.

use sha2::{Digest as _, Sha256};

use crate::codec::{base64, from_base64};
use crate::key::{LogKey, PublicKey};

/// The type of an Ed25519 key in signed notes.
const ED25519: u8 = 1;
/// What a line with a signature begins with: an em dash and a space.
const SIGNATURE_MARK: &str = "\u{2014} ";
/// Bytes of a key's identifier.
const KEY_ID_BYTES: usize = 4;
/// Bytes of an Ed25519 signature.
const SIGNATURE_BYTES: usize = 64;

/// Whether `name` may be the name of a key: not empty, no spaces of any kind, no plus signs.
pub(super) fn is_key_name_valid(name: &str) -> bool {
    !name.is_empty() && !name.chars().any(|letter| letter.is_whitespace() || letter == '+')
}

/// The type of the key and the key, as identifiers and verifier keys cover them.
fn typed(key: &PublicKey) -> Vec<u8> {
    [&[ED25519], &key.0[..]].concat()
}

/// Identifies a key among those of the same name: the first bytes of a hash over both.
fn key_id(name: &str, key: &PublicKey) -> [u8; KEY_ID_BYTES] {
    let hash = Sha256::new().chain_update(name).chain_update(b"\n").chain_update(typed(key)).finalize();
    let mut id = [0; KEY_ID_BYTES];
    id.copy_from_slice(&hash[..KEY_ID_BYTES]);
    id
}

/// The line that tells other programs a key: `name+id+base64`.
pub(super) fn verifier_key(name: &str, key: &PublicKey) -> String {
    format!("{name}+{:08x}+{}", u32::from_be_bytes(key_id(name, key)), base64(&typed(key)))
}

/// The note of `text`, which ends with a line feed, signed by the key of this name.
pub(super) fn sign(text: &str, name: &str, key: &LogKey) -> String {
    note(text, name, &key.public(), &key.sign(text.as_bytes()))
}

/// The text of a note that `key` signed under this name. Only the bytes that [`sign`] writes are such a note.
///
/// # Errors
/// What is wrong with it, for a person.
pub(super) fn open<'a>(signed: &'a str, name: &str, key: &PublicKey) -> Result<&'a str, &'static str> {
    const MALFORMED: &str = "checkpoint is not a signed note";
    // The text keeps its own line feed, the first of the two before the signature.
    let text_bytes = signed.rfind("\n\n").ok_or(MALFORMED)? + 1;
    let (text, rest) = signed.split_at(text_bytes);
    let line = rest.strip_prefix('\n').and_then(|rest| rest.strip_suffix('\n')).ok_or(MALFORMED)?;
    let (signer, encoded) = line.strip_prefix(SIGNATURE_MARK).and_then(|line| line.split_once(' ')).ok_or(MALFORMED)?;
    if signer != name || encoded.contains('\n') {
        return Err("checkpoint has other signatures than the log's own");
    }
    let bytes: [u8; KEY_ID_BYTES + SIGNATURE_BYTES] = from_base64("signature", encoded).map_err(|_| MALFORMED)?;
    let (id, signature) = bytes.split_first_chunk::<KEY_ID_BYTES>().ok_or(MALFORMED)?;
    let signature: &[u8; SIGNATURE_BYTES] = signature.try_into().map_err(|_| MALFORMED)?;
    if *id != key_id(name, key) {
        return Err("checkpoint is signed by another key than the log's");
    }
    if !key.verifies(text.as_bytes(), signature) {
        return Err("checkpoint has a signature that does not match its text");
    }
    if note(text, name, key, signature) != signed {
        return Err("checkpoint is not in its canonical form");
    }
    Ok(text)
}

fn note(text: &str, name: &str, key: &PublicKey, signature: &[u8; SIGNATURE_BYTES]) -> String {
    let identified = [&key_id(name, key)[..], signature].concat();
    format!("{text}\n{SIGNATURE_MARK}{name} {}\n", base64(&identified))
}
