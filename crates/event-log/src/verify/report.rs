//! What a log or an export has turned out to hold.

use crate::chain::Tip;
use crate::key::PublicKey;
use crate::line::Manifest;
use crate::record::Position;

/// A key and where it came into force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeySpan {
    /// Position of the record that names it.
    pub from: Position,
    /// The key.
    pub key: PublicKey,
    /// Whether the key before it signed for it. Not so for the first key, nor when an import or a restore went on
    /// under a new key: there a person has to compare keys.
    pub vouched: bool,
}

/// What was verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Name of the log.
    pub origin: String,
    /// Number of records.
    pub records: u64,
    /// Records whose payload was erased.
    pub erased: u64,
    /// Records whose payload the export left out.
    pub withheld: u64,
    /// Checkpoints, all of them signed and with the right root.
    pub checkpoints: u64,
    /// Epoch at the end.
    pub epoch: u64,
    /// Every key that was in force, in order.
    pub keys: Vec<KeySpan>,
    /// End of the log as far as it was seen.
    pub tip: Tip,
    /// The first line of an export.
    pub manifest: Option<Manifest>,
}
