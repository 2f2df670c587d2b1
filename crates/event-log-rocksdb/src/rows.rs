//! Bytes of rows. Keys sort as their numbers do (big endian).

use event_log::{Content, Header, LogFault, Payload, Position, Record, SALT_BYTES, StoredCheckpoint};

/// The payload of a record of version 1.
const UNSALTED: u8 = 0;
const WITHHELD: u8 = 1;
/// A salt, then the payload: a record of version 2. One row holds both, so that one deletion takes both.
const SALTED: u8 = 2;

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
        Payload::Present(content) => {
            let mut value = Vec::with_capacity(1 + SALT_BYTES + content.bytes().len());
            match content.salt() {
                Some(salt) => {
                    value.push(SALTED);
                    value.extend_from_slice(salt);
                }
                None => value.push(UNSALTED),
            }
            value.extend_from_slice(content.bytes());
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

fn damaged(position: Position, what: impl Into<String>) -> LogFault {
    LogFault::Damaged { position, what: what.into() }
}

pub(crate) fn header(position: Position, value: &[u8]) -> Result<(Header, [u8; 64]), LogFault> {
    let (signature, bytes) = value.split_first_chunk().ok_or_else(|| damaged(position, "the row is too short"))?;
    let header = Header::decode(bytes).map_err(|error| damaged(position, format!("header: {error}")))?;
    if header.position == position {
        Ok((header, *signature))
    } else {
        Err(damaged(position, format!("the header names position {}", header.position)))
    }
}

pub(crate) fn payload(position: Position, value: Option<&[u8]>) -> Result<Payload, LogFault> {
    let Some(value) = value else { return Ok(Payload::Erased) };
    let read = || match value.split_first()? {
        (&UNSALTED, bytes) => Some(Payload::Present(Content::unsalted(bytes.to_vec()))),
        (&SALTED, rest) => {
            let (salt, bytes) = rest.split_first_chunk()?;
            Some(Payload::Present(Content::salted(*salt, bytes.to_vec())))
        }
        (&WITHHELD, []) => Some(Payload::Withheld),
        _ => None,
    };
    read().ok_or_else(|| damaged(position, "the payload's row is of no known form"))
}

pub(crate) fn checkpoint_value(checkpoint: &StoredCheckpoint) -> Vec<u8> {
    let mut value = checkpoint.position.0.to_be_bytes().to_vec();
    value.extend_from_slice(checkpoint.note.as_bytes());
    value
}

pub(crate) fn checkpoint(key: &[u8], value: &[u8]) -> Result<StoredCheckpoint, LogFault> {
    let read = || {
        let (position, note) = value.split_first_chunk()?;
        let note = std::str::from_utf8(note).ok()?.to_owned();
        Some(StoredCheckpoint { size: number(key)?, position: Position(u64::from_be_bytes(*position)), note })
    };
    read().ok_or_else(|| LogFault::Storage("a checkpoint's row is of no known form".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &[u8]) -> Result<Payload, LogFault> {
        payload(Position(1), Some(value))
    }

    #[test]
    fn rows_are_what_they_were_and_each_form_is_told_from_the_others() {
        let salted = [&[SALTED][..], &[9; SALT_BYTES], b"x"].concat();
        let forms: [(&[u8], Payload); 5] = [
            (b"\0x", Payload::Present(Content::unsalted(b"x".to_vec()))),
            (b"\0", Payload::Present(Content::unsalted(Vec::new()))),
            (b"\x01", Payload::Withheld),
            (&salted, Payload::Present(Content::salted([9; SALT_BYTES], b"x".to_vec()))),
            (&salted[..17], Payload::Present(Content::salted([9; SALT_BYTES], Vec::new()))),
        ];
        for (row, wanted) in forms {
            assert_eq!(payload_value(&wanted).as_deref(), Some(row));
            assert_eq!(read(row), Ok(wanted));
        }
        assert_eq!((payload_value(&Payload::Erased), payload(Position(1), None)), (None, Ok(Payload::Erased)));
    }

    #[test]
    fn a_row_of_no_known_form_is_damage() {
        for row in [&b""[..], b"\x01x", b"\x02too short", b"\x03x", &[SALTED; SALT_BYTES]] {
            assert!(matches!(read(row), Err(LogFault::Damaged { position: Position(1), .. })), "{row:?}");
        }
    }
}
