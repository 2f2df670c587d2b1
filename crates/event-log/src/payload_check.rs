//! Whether a record holds the payload that its header was signed for.

use crate::payload::Payload;
use crate::record::{Header, Record};

/// The first version of the format whose digests cover a salt.
const SALTED_SINCE: u16 = 2;

impl Record {
    /// Whether the payload, if it is there, is the one that the header was signed for, with a salt exactly where the
    /// header's version has one.
    pub(crate) fn check_payload(&self) -> Result<(), &'static str> {
        let Header { version, payload_digest, .. } = &self.header;
        let Payload::Present(content) = &self.payload else { return Ok(()) };
        match (*version >= SALTED_SINCE, content.salt()) {
            (true, None) => Err("the payload has no salt, which its record's version demands"),
            (false, Some(_)) => Err("the payload has a salt, which its record's version does not know"),
            (_, Some(_)) if content.digest() != *payload_digest => Err("the payload or its salt does not match the digest"),
            (_, None) if content.digest() != *payload_digest => Err("the payload does not match its digest"),
            _ => Ok(()),
        }
    }
}
