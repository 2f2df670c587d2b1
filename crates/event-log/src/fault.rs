//! What storage can answer beside what was asked for.

use crate::payload::NoRandomness;
use crate::record::Position;

/// Storage could not give what it holds, or holds something broken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LogFault {
    /// A record is there but wrong.
    #[error("record {position} is damaged: {what}")]
    Damaged {
        /// Which record.
        position: Position,
        /// What is wrong with it.
        what: String,
    },
    /// A record was not written to its end.
    #[error("record {position} is cut off")]
    Torn {
        /// Which record.
        position: Position,
    },
    /// Not reachable now; may be again.
    #[error("storage is unavailable: {0}")]
    Unavailable(String),
    /// Anything else that the storage says.
    #[error("storage failed: {0}")]
    Storage(String),
}

/// Why nothing was appended.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AppendError {
    /// The log's head is not where the caller expected it.
    #[error("another writer appended first")]
    Conflict,
    /// Not reachable now; may be again.
    #[error("storage is unavailable: {0}")]
    Unavailable(String),
    /// No room; appending works again by itself when room returns.
    #[error("storage is full")]
    Full,
    /// Storage is broken.
    #[error(transparent)]
    Fault(#[from] LogFault),
    /// There was nothing to make salts of.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}
