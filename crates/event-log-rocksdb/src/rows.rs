//! Bytes of rows. Keys sort as their numbers do (big endian).

use event_log::{Fault, Header, Payload, Position, Record, StoredCheckpoint};

const PRESENT: u8 = 0;
const WITHHELD: u8 = 1;

pub(crate) fn header_value(record: &Record) -> Vec<u8> {
    let header = record.header.encode();
    let mut value = Vec::with_capacity(64 + header.len());
    value.extend_from_slice(&record.signature);
    value.extend_from_slice(&header);
    value
}

/// `None` for an erased payload: it has no row.
pub(crate) fn payload_value(payload: &Payload) -> Option<Vec<u8>> {
    match payload {
        Payload::Present(bytes) => {
            let mut value = Vec::with_capacity(1 + bytes.len());
            value.push(PRESENT);
            value.extend_from_slice(bytes);
            Some(value)
        }
        Payload::Withheld => Some(vec![WITHHELD]),
        Payload::Erased => None,
    }
}

pub(crate) fn stream_key(stream: &str, position: Position) -> Vec<u8> {
    let mut key = Vec::with_capacity(stream.len() + 9);
    key.extend_from_slice(stream.as_bytes());
    // Stream names hold no control characters, so that a zero ends them.
    key.push(0);
    key.extend_from_slice(&position.0.to_be_bytes());
    key
}

/// The position of a row of `by_stream`, if the row is of this stream.
pub(crate) fn stream_position(key: &[u8], stream: &str) -> Option<Position> {
    let rest = key.strip_prefix(stream.as_bytes())?.strip_prefix(&[0])?;
    Some(Position(u64::from_be_bytes(rest.try_into().ok()?)))
}

pub(crate) fn number(key: &[u8]) -> Option<u64> {
    key.try_into().ok().map(u64::from_be_bytes)
}

fn damaged(position: Position, what: impl Into<String>) -> Fault {
    Fault::Damaged { position, what: what.into() }
}

pub(crate) fn header(position: Position, value: &[u8]) -> Result<(Header, [u8; 64]), Fault> {
    let (signature, bytes) = value.split_first_chunk().ok_or_else(|| damaged(position, "the row is too short"))?;
    let header = Header::decode(bytes).map_err(|error| damaged(position, format!("header: {error}")))?;
    if header.position == position {
        Ok((header, *signature))
    } else {
        Err(damaged(position, format!("the header names position {}", header.position)))
    }
}

pub(crate) fn payload(position: Position, value: Option<&[u8]>) -> Result<Payload, Fault> {
    match value.map(<[u8]>::split_first) {
        None => Ok(Payload::Erased),
        Some(Some((&PRESENT, bytes))) => Ok(Payload::Present(bytes.to_vec())),
        Some(Some((&WITHHELD, []))) => Ok(Payload::Withheld),
        Some(_) => Err(damaged(position, "the payload's row is of no known form")),
    }
}

pub(crate) fn checkpoint_value(checkpoint: &StoredCheckpoint) -> Vec<u8> {
    let mut value = checkpoint.position.0.to_be_bytes().to_vec();
    value.extend_from_slice(checkpoint.note.as_bytes());
    value
}

pub(crate) fn checkpoint(key: &[u8], value: &[u8]) -> Result<StoredCheckpoint, Fault> {
    let read = || {
        let (position, note) = value.split_first_chunk()?;
        let note = std::str::from_utf8(note).ok()?.to_owned();
        Some(StoredCheckpoint { size: number(key)?, position: Position(u64::from_be_bytes(*position)), note })
    };
    read().ok_or_else(|| Fault::Storage("a checkpoint's row is of no known form".to_owned()))
}
