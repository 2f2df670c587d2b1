//! Signed JSON of end-to-end keys (spec: "Signing JSON"). Not PDUs, whose signatures are the server's.

use ruma::{CanonicalJsonObject, UserId, api::error::ErrorKind, signatures::to_canonical_json_string_for_signing};
use serde::Serialize;

use super::{Ed25519PublicKey, KEY_BYTES_MAX};
use crate::Rejection;

/// Reads an object that came from outside.
///
/// # Errors
/// 413 `M_TOO_LARGE` over [`KEY_BYTES_MAX`]; 400 `M_BAD_JSON` when it is no object or has numbers that canonical JSON
/// does not know.
pub fn object_of(json: &str) -> Result<CanonicalJsonObject, Rejection> {
    if json.len() > KEY_BYTES_MAX {
        return Err(Rejection::too_large("A key with its signatures has at most 16 KiB."));
    }
    serde_json::from_str(json).map_err(|_| Rejection::bad_json("A key is not an object of canonical JSON."))
}

/// Bytes of a value as canonical JSON.
pub(crate) fn json_bytes(value: &impl Serialize) -> usize {
    serde_json::to_vec(value).map_or(usize::MAX, |json| json.len())
}

/// The public key that a signed object publishes under `key_id`, such as `ed25519:JLAFKJWSCS`.
pub(crate) fn ed25519_key(object: &CanonicalJsonObject, key_id: &str) -> Option<Ed25519PublicKey> {
    let key = object.get("keys")?.as_object()?.get(key_id)?.as_str()?;
    Ed25519PublicKey::from_base64(key)
}

/// Whether `object` carries a signature of `user_id` under `key_id` that `key` made.
pub(crate) fn is_signed_by(object: &CanonicalJsonObject, user_id: &UserId, key_id: &str, key: Ed25519PublicKey) -> bool {
    let signature = object
        .get("signatures")
        .and_then(|by_user| by_user.as_object()?.get(user_id.as_str())?.as_object()?.get(key_id)?.as_str());
    let (Some(signature), Ok(signed)) = (signature, to_canonical_json_string_for_signing(object)) else { return false };
    key.verifies(&signed, signature)
}

/// 400 `M_INVALID_SIGNATURE`.
pub(crate) fn invalid_signature(message: &'static str) -> Rejection {
    // The code is in the specification but has no variant in ruma.
    let kind = serde_json::from_str(r#"{"errcode":"M_INVALID_SIGNATURE"}"#).unwrap_or(ErrorKind::InvalidParam);
    Rejection::new(400, kind, message)
}
