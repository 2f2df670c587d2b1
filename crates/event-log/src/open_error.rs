//! Why a log does not open.

use crate::fault::{AppendError, LogFault};
use crate::key::PublicKey;
use crate::record::Position;

/// Why a log does not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A record that is not the torn end is wrong.
    #[error(
        "the log is damaged at position {position}: {what}. Nothing was changed. Run `log verify` to see how far it is \
         whole, then restore it from a backup or import an export"
    )]
    Damaged {
        /// First damaged record.
        position: Position,
        /// What is wrong.
        what: String,
    },
    /// Fewer records than a checkpoint has promised: the storage was set back.
    #[error(
        "the log ends at record {count}, but its last checkpoint covers {size}: acknowledged records are missing. \
         Restore it from a backup"
    )]
    SetBack {
        /// Records there.
        count: u64,
        /// Records promised.
        size: u64,
    },
    /// The folder holds a log of another name.
    #[error("the log belongs to `{found}`, not to `{wanted}`")]
    OtherOrigin {
        /// As the genesis record says.
        found: String,
        /// As the caller says.
        wanted: String,
    },
    /// The key is not the one that signs the end of the log.
    #[error("the log's last record is not signed by the key {key}: is this the key file that belongs to it?")]
    OtherKey {
        /// The key that was given.
        key: PublicKey,
    },
    /// The origin cannot be a name in signed notes.
    #[error("`{0}` cannot name a log: it must not be empty, longer than 255 bytes, or hold spaces or `+`")]
    BadOrigin(String),
    /// A log that is only read must be there already.
    #[error("there is no log to read")]
    Empty,
    /// The first record could not be written.
    #[error("the log cannot be started: {0}")]
    Append(#[from] AppendError),
    /// Storage does not answer.
    #[error(transparent)]
    Storage(LogFault),
}

impl From<LogFault> for OpenError {
    fn from(fault: LogFault) -> Self {
        match fault {
            LogFault::Damaged { position, what } => Self::Damaged { position, what },
            LogFault::Torn { position } => Self::Damaged { position, what: "the record is cut off".to_owned() },
            other => Self::Storage(other),
        }
    }
}
