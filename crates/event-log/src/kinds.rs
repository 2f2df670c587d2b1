//! Payloads of the log's own records. Canonical JSON as well: each struct's fields stand in sorted order.

use serde::{Deserialize, Serialize};

use crate::codec::{CodecError, base64, from_base64};
use crate::key::PublicKey;
use crate::record::{Class, Draft, LOG_STREAM, Position};

/// First record of every log: who keeps it and under which key.
pub const GENESIS: &str = "log.genesis";
/// Payloads that were deleted, and why.
pub const ERASED: &str = "log.erased";
/// The next record is signed by another key; this one is still signed by the old.
pub const KEY_ROTATED: &str = "log.key_rotated";
/// The log goes on from a copy (restore, import); signed by the key that it names.
pub const EPOCH: &str = "log.epoch";

/// Payload of `log.genesis`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Genesis {
    /// 1.
    pub epoch: u64,
    /// Public key, base64.
    pub key: String,
    /// Name of the log, for example `hearth.example/log`.
    pub origin: String,
}

/// Payload of `log.erased`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Erased {
    /// Rising, all before this record.
    pub positions: Vec<Position>,
    /// For the reader.
    pub reason: String,
}

/// Payload of `log.key_rotated`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyRotated {
    /// The new public key, base64.
    pub key: String,
}

/// Payload of `log.epoch`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Epoch {
    /// One more than the epoch before.
    pub epoch: u64,
    /// Public key of this and the following records, base64.
    pub key: String,
    /// For the reader, for example `import`.
    pub reason: String,
}

/// Reads the payload of a record of the log's own.
///
/// # Errors
/// When the bytes are not its canonical JSON.
pub fn decode<'a, P: Serialize + Deserialize<'a>>(bytes: &'a [u8]) -> Result<P, CodecError> {
    let value: P = serde_json::from_slice(bytes).map_err(|e| CodecError::Shape(e.to_string()))?;
    if encode(&value) == bytes { Ok(value) } else { Err(CodecError::NotCanonical) }
}

pub(crate) fn encode<P: Serialize>(payload: &P) -> Vec<u8> {
    // These structs hold numbers, strings and lists only, which always have a JSON form.
    serde_json::to_vec(payload).unwrap_or_default()
}

pub(crate) fn key_text(key: &PublicKey) -> String {
    base64(&key.0)
}

pub(crate) fn key_from(text: &str) -> Result<PublicKey, CodecError> {
    from_base64("key", text).map(PublicKey)
}

pub(crate) fn own_draft<P: Serialize>(kind: &str, payload: &P) -> Draft {
    Draft {
        stream: LOG_STREAM.to_owned(),
        kind: kind.to_owned(),
        kind_version: 1,
        class: Class::Plain,
        payload: encode(payload),
    }
}
