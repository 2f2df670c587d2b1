//! Canonical bytes of a header: JSON with sorted keys and no spaces, written by hand because this is what gets
//! signed and hashed for every record. Decoding accepts exactly the bytes that encoding makes, nothing else.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Deserialize;
use tlog_tiles::tlog::record_hash;

use crate::record::{Class, Header, Position};

/// Why bytes are not a canonical encoding.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
    /// Not JSON of the expected shape.
    #[error("not the expected JSON: {0}")]
    Shape(String),
    /// A binary value that is not padded standard base64 of the right length.
    #[error("{0} is not padded base64 of the right length")]
    Base64(&'static str),
    /// The right content in other bytes.
    #[error("not the canonical encoding")]
    NotCanonical,
}

/// Appends a JSON string, escaped as `serde_json` and Python's `json` both do.
pub(crate) fn push_str(out: &mut Vec<u8>, value: &str) {
    // Writing to a Vec cannot fail and a str always has a JSON form.
    let _infallible = serde_json::to_writer(out, value);
}

pub(crate) fn push_u64(out: &mut Vec<u8>, value: u64) {
    let _infallible = serde_json::to_writer(out, &value);
}

/// Appends bytes as a JSON string of padded standard base64.
pub(crate) fn push_base64(out: &mut Vec<u8>, bytes: &[u8]) {
    out.push(b'"');
    let start = out.len();
    out.resize(start + bytes.len().div_ceil(3) * 4, 0);
    // The space is exactly what padded base64 needs, so this cannot fail.
    let _infallible = STANDARD.encode_slice(bytes, &mut out[start..]);
    out.push(b'"');
}

pub(crate) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

pub(crate) fn from_base64<const N: usize>(name: &'static str, text: &str) -> Result<[u8; N], CodecError> {
    let mut bytes = [0; N];
    match STANDARD.decode_slice(text, &mut bytes) {
        Ok(length) if length == N => Ok(bytes),
        _ => Err(CodecError::Base64(name)),
    }
}

pub(crate) fn bytes_from_base64(name: &'static str, text: &str) -> Result<Vec<u8>, CodecError> {
    STANDARD.decode(text).map_err(|_| CodecError::Base64(name))
}

impl Header {
    /// The bytes that are signed and hashed.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(320 + self.stream.len());
        self.encode_to(&mut out);
        out
    }

    pub(crate) fn encode_to(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"at_ms\":");
        push_u64(out, self.at_ms);
        out.extend_from_slice(b",\"class\":\"");
        out.extend_from_slice(self.class.as_str().as_bytes());
        out.extend_from_slice(b"\",\"count\":");
        push_u64(out, self.count);
        out.extend_from_slice(b",\"kind\":");
        push_str(out, &self.kind);
        out.extend_from_slice(b",\"kind_version\":");
        push_u64(out, self.kind_version.into());
        out.extend_from_slice(b",\"payload_digest\":");
        push_base64(out, &self.payload_digest);
        out.extend_from_slice(b",\"position\":");
        push_u64(out, self.position.0);
        out.extend_from_slice(b",\"previous\":");
        push_base64(out, &self.previous);
        out.extend_from_slice(b",\"rest\":");
        push_u64(out, self.rest.into());
        out.extend_from_slice(b",\"stream\":");
        push_str(out, &self.stream);
        out.extend_from_slice(b",\"version\":");
        push_u64(out, self.version.into());
        out.push(b'}');
    }

    /// Reads a header back.
    ///
    /// # Errors
    /// When the bytes differ in any way from what [`Header::encode`] makes.
    pub fn decode(bytes: &[u8]) -> Result<Self, CodecError> {
        let wire: WireHeader<'_> = serde_json::from_slice(bytes).map_err(|e| CodecError::Shape(e.to_string()))?;
        let header = wire.into_header()?;
        if header.encode() == bytes { Ok(header) } else { Err(CodecError::NotCanonical) }
    }

    /// The link of the chain and the leaf of the tree: RFC 6962 leaf hash of the canonical bytes.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        hash(&self.encode())
    }
}

/// RFC 6962 leaf hash: SHA-256 of a zero byte and the data.
pub(crate) fn hash(header: &[u8]) -> [u8; 32] {
    record_hash(header).0
}

/// A header as it stands in JSON, binary values still in base64.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WireHeader<'a> {
    at_ms: u64,
    class: Class,
    count: u64,
    #[serde(borrow)]
    kind: std::borrow::Cow<'a, str>,
    kind_version: u16,
    #[serde(borrow)]
    payload_digest: std::borrow::Cow<'a, str>,
    position: Position,
    #[serde(borrow)]
    previous: std::borrow::Cow<'a, str>,
    rest: u16,
    #[serde(borrow)]
    stream: std::borrow::Cow<'a, str>,
    version: u16,
}

impl WireHeader<'_> {
    pub(crate) fn into_header(self) -> Result<Header, CodecError> {
        Ok(Header {
            version: self.version,
            count: self.count,
            position: self.position,
            at_ms: self.at_ms,
            stream: self.stream.into_owned(),
            kind: self.kind.into_owned(),
            kind_version: self.kind_version,
            class: self.class,
            rest: self.rest,
            payload_digest: from_base64("payload_digest", &self.payload_digest)?,
            previous: from_base64("previous", &self.previous)?,
        })
    }
}
