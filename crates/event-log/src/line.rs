//! Lines of an export: a signed manifest, records, checkpoints, a signed end. Each is canonical JSON (sorted keys, no
//! spaces); decoding accepts exactly the bytes that encoding makes, so that every flipped bit is found.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::codec::{self, CodecError, WireHeader, from_base64, push_base64, push_str};
use crate::key::LogKey;
use crate::payload::{Content, Payload};
use crate::record::{Header, MAX_PAYLOAD_BYTES, Position, Record};

/// Bytes of one line without its newline, at most: a payload of control characters takes six times its size.
pub(crate) const MAX_LINE_BYTES: usize = 6 * MAX_PAYLOAD_BYTES + (64 << 10);
/// What the manifest calls the format.
pub(crate) const FORMAT: &str = "event-log-export";

/// Which log an export is of, and which part. Fields in sorted order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// When it was made, milliseconds since the epoch.
    pub at_ms: u64,
    /// `event-log-export`.
    pub format: String,
    /// Position of the first record asked for.
    pub from: Position,
    /// End of the log when the export was made.
    pub head: Head,
    /// Public key that signs this line and the last one, base64.
    pub key: String,
    /// Name of the log.
    pub origin: String,
    /// Whether payloads of class `secret` are in.
    pub secrets: bool,
    /// The one stream asked for, or all.
    pub stream: Option<String>,
    /// Position of the last record asked for.
    pub to: Position,
    /// Version of the log's last record: no record of the export has a higher one.
    pub version: u16,
}

/// End of a log, as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// Number of records.
    pub count: u64,
    /// Hash of the last header, base64.
    pub hash: String,
    /// Position of the last record.
    pub position: Position,
}

/// The last line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct End {
    /// SHA-256 of every byte before this line, base64.
    pub(crate) digest: String,
    /// Number of record lines.
    pub(crate) records: u64,
}

/// One line, decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Line {
    Manifest { manifest: Manifest, signature: [u8; 64] },
    Record(Record),
    Checkpoint(String),
    End { end: End, signature: [u8; 64] },
}

/// Any line as it stands in JSON.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire<'a> {
    #[serde(borrow)]
    checkpoint: Option<Cow<'a, str>>,
    end: Option<End>,
    #[serde(borrow)]
    header: Option<WireHeader<'a>>,
    manifest: Option<Manifest>,
    #[serde(borrow)]
    missing: Option<Cow<'a, str>>,
    #[serde(borrow)]
    payload: Option<Cow<'a, str>>,
    #[serde(borrow)]
    payload_base64: Option<Cow<'a, str>>,
    #[serde(borrow)]
    salt: Option<Cow<'a, str>>,
    #[serde(borrow)]
    signature: Option<Cow<'a, str>>,
}

impl Line {
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, CodecError> {
        let wire: Wire<'_> = serde_json::from_slice(bytes).map_err(|error| CodecError::Shape(error.to_string()))?;
        let line = wire.into_line()?;
        let mut again = Vec::with_capacity(bytes.len());
        line.encode_to(&mut again);
        if again == bytes { Ok(line) } else { Err(CodecError::NotCanonical) }
    }

    fn encode_to(&self, out: &mut Vec<u8>) {
        match self {
            Self::Manifest { manifest, signature } => push_signed(out, "manifest", manifest, signature),
            Self::Record(record) => push_record(out, record, true),
            Self::Checkpoint(note) => push_checkpoint(out, note),
            Self::End { end, signature } => push_signed(out, "end", end, signature),
        }
    }
}

impl Wire<'_> {
    fn into_line(self) -> Result<Line, CodecError> {
        let signature = self.signature.as_deref().map(|text| from_base64("signature", text)).transpose()?;
        match (self.header, self.manifest, self.checkpoint, self.end, signature) {
            (Some(header), None, None, None, Some(signature)) => {
                let header: Header = header.into_header()?;
                let payload = payload(self.payload, self.payload_base64, self.missing, self.salt)?;
                Ok(Line::Record(Record { header, signature, payload }))
            }
            (None, Some(manifest), None, None, Some(signature)) => Ok(Line::Manifest { manifest, signature }),
            (None, None, Some(note), None, None) => Ok(Line::Checkpoint(note.into_owned())),
            (None, None, None, Some(end), Some(signature)) => Ok(Line::End { end, signature }),
            _ => Err(CodecError::Shape("the line is neither manifest, record, checkpoint nor end".to_owned())),
        }
    }
}

/// The payload of a record's line: with its salt, if it has one, or the reason why both are missing. Whether there must be
/// a salt is for the header to say.
fn payload(
    text: Option<Cow<'_, str>>,
    base64: Option<Cow<'_, str>>,
    missing: Option<Cow<'_, str>>,
    salt: Option<Cow<'_, str>>,
) -> Result<Payload, CodecError> {
    let bytes = match (text, base64, missing.as_deref()) {
        (Some(text), None, None) => text.into_owned().into_bytes(),
        (None, Some(text), None) => codec::bytes_from_base64("payload_base64", &text)?,
        (None, None, Some(_)) if salt.is_some() => {
            return Err(CodecError::Shape("a salt goes with its payload, and the payload is missing".to_owned()));
        }
        (None, None, Some("erased")) => return Ok(Payload::Erased),
        (None, None, Some("withheld")) => return Ok(Payload::Withheld),
        _ => return Err(CodecError::Shape("a record has one of payload, payload_base64, missing".to_owned())),
    };
    let salt = salt.map(|text| from_base64("salt", &text)).transpose()?;
    Ok(Payload::Present(match salt {
        Some(salt) => Content::salted(salt, bytes),
        None => Content::unsalted(bytes),
    }))
}

/// Canonical JSON of a struct whose fields stand in sorted order: the bytes that are signed.
pub(crate) fn signed_bytes<P: Serialize>(value: &P) -> Vec<u8> {
    crate::kinds::encode(value)
}

pub(crate) fn push_signed<P: Serialize>(out: &mut Vec<u8>, name: &str, value: &P, signature: &[u8; 64]) {
    out.extend_from_slice(b"{\"");
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\":");
    out.extend_from_slice(&signed_bytes(value));
    out.extend_from_slice(b",\"signature\":");
    push_base64(out, signature);
    out.push(b'}');
}

pub(crate) fn sign_line<P: Serialize>(key: &LogKey, name: &str, value: &P) -> Vec<u8> {
    let mut out = Vec::new();
    push_signed(&mut out, name, value, &key.sign(&signed_bytes(value)));
    out.push(b'\n');
    out
}

pub(crate) fn push_checkpoint(out: &mut Vec<u8>, note: &str) {
    out.extend_from_slice(b"{\"checkpoint\":");
    push_str(out, note);
    out.push(b'}');
}

/// With `secrets` false the payload of a secret record is withheld, and its salt with it.
pub(crate) fn push_record(out: &mut Vec<u8>, record: &Record, secrets: bool) {
    out.extend_from_slice(b"{\"header\":");
    record.header.encode_to(out);
    match &record.payload {
        Payload::Present(_) if !secrets && record.header.class == crate::Class::Secret => {
            out.extend_from_slice(b",\"missing\":\"withheld\"");
        }
        Payload::Withheld => out.extend_from_slice(b",\"missing\":\"withheld\""),
        Payload::Erased => out.extend_from_slice(b",\"missing\":\"erased\""),
        Payload::Present(content) => push_content(out, content),
    }
    out.extend_from_slice(b",\"signature\":");
    push_base64(out, &record.signature);
    out.push(b'}');
}

fn push_content(out: &mut Vec<u8>, content: &Content) {
    match std::str::from_utf8(content.bytes()) {
        Ok(text) => {
            out.extend_from_slice(b",\"payload\":");
            push_str(out, text);
        }
        Err(_) => {
            out.extend_from_slice(b",\"payload_base64\":");
            push_base64(out, content.bytes());
        }
    }
    if let Some(salt) = content.salt() {
        out.extend_from_slice(b",\"salt\":");
        push_base64(out, salt);
    }
}
