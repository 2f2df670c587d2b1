//! The words of the log: records, their headers, and what a caller hands in to be recorded.
//! Nothing here touches storage, keys or hashes; the byte encoding is in `codec`.

use serde::{Deserialize, Serialize};

use crate::payload::Payload;

/// The stream of the log's own records: genesis, erasures, key rotations, epochs.
pub const LOG_STREAM: &str = "log";
/// Kinds with this prefix belong to this crate; callers cannot write them.
pub const LOG_KIND_PREFIX: &str = "log.";
/// Version of the records that are written.
pub const FORMAT_VERSION: u16 = 2;
/// The oldest version that is still read: before digests were salted.
pub const OLDEST_FORMAT_VERSION: u16 = 1;
/// Records in one unit or one batch, at most (a unit is never split over two batches).
pub const MAX_BATCH_RECORDS: usize = 1_000;
/// Bytes of one payload, at most.
pub const MAX_PAYLOAD_BYTES: usize = 1 << 20;
/// Payload bytes of one unit, at most.
pub const MAX_UNIT_BYTES: usize = 16 << 20;
/// Bytes of a stream's name, at most.
pub const MAX_STREAM_BYTES: usize = 512;
/// Bytes of a kind's name, at most.
pub const MAX_KIND_BYTES: usize = 128;
/// Positions that one erasure may name, at most.
pub const MAX_ERASED_POSITIONS: usize = 10_000;
/// Bytes of an erasure's reason, at most.
pub const MAX_REASON_BYTES: usize = 512;

/// A place in the log. Positions rise and may have gaps; the first record has position 1, and 0 stands before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Position(pub u64);

impl Position {
    /// The place before the first record.
    pub const ZERO: Self = Self(0);

    /// The next place, where the next record may stand.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl std::fmt::Display for Position {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// Whether an export shows a payload without being asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// Ordinary content.
    Plain,
    /// Hashes of passwords and tokens: an export withholds the payload unless it is asked for.
    Secret,
}

impl Class {
    /// The word that stands in the header.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Secret => "secret",
        }
    }
}

/// What a caller wants recorded; the writer adds the rest of the header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// Whose history this belongs to, for example `room:!abc`.
    pub stream: String,
    /// What happened, for example `room.pdu`.
    pub kind: String,
    /// Version of the payload's shape.
    pub kind_version: u16,
    /// Whether an export shows the payload.
    pub class: Class,
    /// Opaque to the log.
    pub payload: Vec<u8>,
}

/// Payloads to delete for ever; their headers stay, and a `log.erased` record says why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erasure {
    /// Records that are already in the log, none of them of the log's own.
    pub positions: Vec<Position>,
    /// Streams that all of them belong to, so that a wrong position cannot take away what belongs to others. None
    /// named: any stream.
    pub within: Vec<String>,
    /// For the person who reads the log.
    pub reason: String,
}

/// What is recorded all or nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unit {
    /// New records, in order.
    pub drafts: Vec<Draft>,
    /// Payloads that go with the same write; adds one `log.erased` record after the drafts.
    pub erase: Option<Erasure>,
}

/// Why a unit can never be recorded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// Neither drafts nor an erasure.
    #[error("the unit holds nothing")]
    Empty,
    /// A bound of this module is exceeded.
    #[error("{what} exceeds {limit}")]
    TooLarge {
        /// What is too large.
        what: &'static str,
        /// The bound.
        limit: usize,
    },
    /// A stream, kind or reason that is empty or holds control characters.
    #[error("{what} must not be empty or hold control characters")]
    Text {
        /// Which field.
        what: &'static str,
    },
    /// The stream `log` and the kinds `log.*` are the log's own.
    #[error("stream `log` and kinds `log.*` belong to the log itself")]
    Reserved,
    /// An erasure of something that is not there or must stay.
    #[error("position {0} cannot be erased: it is not in the log, is a record of the log itself, or is of another stream")]
    NotErasable(Position),
}

impl Unit {
    /// A unit of new records only.
    #[must_use]
    pub const fn of(drafts: Vec<Draft>) -> Self {
        Self { drafts, erase: None }
    }

    /// Number of records this unit becomes.
    #[must_use]
    pub fn records(&self) -> usize {
        self.drafts.len() + usize::from(self.erase.is_some())
    }

    /// Checks every bound that does not need the log's content.
    ///
    /// # Errors
    /// The first bound or rule that is broken.
    pub fn check(&self) -> Result<(), Invalid> {
        if self.records() == 0 {
            return Err(Invalid::Empty);
        }
        bound("records in a unit", self.records(), MAX_BATCH_RECORDS)?;
        let mut bytes = 0;
        for draft in &self.drafts {
            if draft.stream == LOG_STREAM || draft.kind.starts_with(LOG_KIND_PREFIX) {
                return Err(Invalid::Reserved);
            }
            text("stream", &draft.stream, MAX_STREAM_BYTES)?;
            text("kind", &draft.kind, MAX_KIND_BYTES)?;
            bound("payload bytes", draft.payload.len(), MAX_PAYLOAD_BYTES)?;
            bytes += draft.payload.len();
        }
        bound("payload bytes in a unit", bytes, MAX_UNIT_BYTES)?;
        if let Some(erase) = &self.erase {
            if erase.positions.is_empty() {
                return Err(Invalid::Empty);
            }
            bound("erased positions", erase.positions.len(), MAX_ERASED_POSITIONS)?;
            text("reason", &erase.reason, MAX_REASON_BYTES)?;
        }
        Ok(())
    }
}

pub(crate) const fn bound(what: &'static str, size: usize, limit: usize) -> Result<(), Invalid> {
    if size > limit { Err(Invalid::TooLarge { what, limit }) } else { Ok(()) }
}

/// Stream, kind and reason are line-safe text: they appear in file keys, in errors and on terminals.
pub(crate) fn text(what: &'static str, value: &str, limit: usize) -> Result<(), Invalid> {
    if value.is_empty() || value.chars().any(char::is_control) {
        return Err(Invalid::Text { what });
    }
    bound(what, value.len(), limit)
}

/// The signed part of a record, kept for ever.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Version of the record's format: 1 or 2. It never falls along the log.
    pub version: u16,
    /// How many records the log holds up to and with this one; dense.
    pub count: u64,
    /// Where it stands.
    pub position: Position,
    /// Milliseconds since the epoch; never falls along the log.
    pub at_ms: u64,
    /// Whose history this belongs to.
    pub stream: String,
    /// What happened.
    pub kind: String,
    /// Version of the payload's shape.
    pub kind_version: u16,
    /// Whether an export shows the payload.
    pub class: Class,
    /// Records still to come in this unit; 0 on the last. This is how a torn unit is seen.
    pub rest: u16,
    /// SHA-256 of the salt and the payload; in version 1 of the payload alone.
    pub payload_digest: [u8; 32],
    /// Hash of the previous header (RFC 6962 leaf hash of its bytes); zeros on the first record.
    pub previous: [u8; 32],
}

/// One entry of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The signed part.
    pub header: Header,
    /// Ed25519 over the header's canonical bytes.
    pub signature: [u8; 64],
    /// The content.
    pub payload: Payload,
}

impl Record {
    /// Where it stands.
    #[must_use]
    pub const fn position(&self) -> Position {
        self.header.position
    }

    /// The content, unless it was erased or withheld.
    #[must_use]
    pub fn bytes(&self) -> Option<&[u8]> {
        match &self.payload {
            Payload::Present(content) => Some(content.bytes()),
            Payload::Erased | Payload::Withheld => None,
        }
    }
}
