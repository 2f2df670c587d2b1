//! A backup's manifest: which files belong to it. It holds no secret and is not encrypted.

use event_log::{Head, Position};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// What the manifest calls the format.
pub(crate) const FORMAT: &str = "hearth-backup";
/// The version that is written, and the newest that is read.
pub(crate) const VERSION: u32 = 1;
/// Bytes of a manifest, at most.
pub(crate) const MANIFEST_BYTES_MAX: u64 = 8 << 20;

/// A file of the backup's folder, named by its content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Its bytes as they lie in the folder.
    pub bytes: u64,
    /// Their SHA-256, 64 letters.
    pub sha256: String,
}

/// A segment of records.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Records {
    /// The file.
    pub file: Part,
    /// Position of the first record.
    pub first: Position,
    /// Position of the last record.
    pub last: Position,
    /// Bytes of the records, unpacked.
    pub plain_bytes: u64,
    /// Number of the records.
    pub records: u64,
}

/// The media.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaPart {
    /// Bytes of all of them.
    pub bytes: u64,
    /// How many.
    pub count: u64,
    /// How many were gone or damaged when they were to be copied.
    pub left_out: u64,
    /// The file that names them by their SHA-256, a line each.
    pub list: Part,
}

/// What a backup is made of. Members that a later version adds may be missing here; what must be understood raises `version`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// `hearth-backup`.
    pub format: String,
    /// Version of this format.
    pub version: u32,
    /// Which backup of the folder this is, from 1.
    pub number: u64,
    /// When it was made, milliseconds since the epoch.
    pub made_at_ms: u64,
    /// What made it: a program and its version.
    pub made_by: String,
    /// The name of the log, which is the server's.
    pub origin: String,
    /// The log's last record in it.
    pub head: Head,
    /// The format version of that record.
    pub log_version: u16,
    /// Who can open it; none when it is not encrypted.
    pub recipient: Option<String>,
    /// The keys of the server, by the names of their files.
    pub keys: Part,
    /// When the first of the segments was made, milliseconds since the epoch. What was erased since then may lie in them still.
    pub whole_at_ms: u64,
    /// The records from the first to the head.
    pub segments: Vec<Records>,
    /// The media.
    pub media: MediaPart,
}

impl Manifest {
    /// The name by which people call it: its number and when it was made (UTC).
    #[must_use]
    pub fn name(&self) -> String {
        format!("{:06}-{}", self.number, moment(self.made_at_ms))
    }

    /// Bytes of all its files in the folder.
    #[must_use]
    pub fn stored_bytes(&self) -> u64 {
        let segments: u64 = self.segments.iter().map(|segment| segment.file.bytes).sum();
        segments + self.keys.bytes + self.media.list.bytes + self.media.bytes
    }

    /// About how many bytes the data folder takes that is made of it, with its views.
    #[must_use]
    pub fn restored_bytes(&self) -> u64 {
        let records: u64 = self.segments.iter().map(|segment| segment.plain_bytes).sum();
        // The log, the views, and the views once more while they are compared.
        records.saturating_mul(3).saturating_add(self.media.bytes)
    }
}

/// Such as `2026-11-28T13-05-09Z`: what every file system takes as a name, in an order that is that of time.
fn moment(at_ms: u64) -> String {
    let at = i64::try_from(at_ms / 1_000).ok().and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok());
    let at = at.unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let (date, time) = (at.date(), at.time());
    format!(
        "{:04}-{:02}-{:02}T{:02}-{:02}-{:02}Z",
        date.year(),
        u8::from(date.month()),
        date.day(),
        time.hour(),
        time.minute(),
        time.second()
    )
}
