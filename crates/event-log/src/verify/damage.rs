//! Why a log or an export is not what it should be.

use std::io;

use crate::fault::{AppendError, LogFault};
use crate::record::Position;

/// Something is not as it was signed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Damage {
    /// The first position that is wrong; nothing when it is the export around the records.
    pub position: Option<Position>,
    /// Line of the export, from 1; nothing for a log.
    pub line: Option<u64>,
    /// What is wrong with it.
    pub what: String,
}

impl std::fmt::Display for Damage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.position, self.line) {
            (Some(position), Some(line)) => write!(f, "damage at position {position}, line {line}: {}", self.what),
            (Some(position), None) => write!(f, "damage at position {position}: {}", self.what),
            (None, Some(line)) => write!(f, "damage in line {line}: {}", self.what),
            (None, None) => write!(f, "damage: {}", self.what),
        }
    }
}

/// Why verifying did not end well.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The log or export is damaged; this is the first place.
    #[error(transparent)]
    Damage(#[from] Damage),
    /// The export could not be read.
    #[error("the export cannot be read: {0}")]
    Read(#[from] io::Error),
    /// The log could not be read.
    #[error(transparent)]
    Storage(LogFault),
    /// Whoever takes the verified records refused.
    #[error("{0}")]
    Sink(#[from] AppendError),
}

impl From<LogFault> for VerifyError {
    fn from(fault: LogFault) -> Self {
        let damage = |position, what| Self::Damage(Damage { position: Some(position), line: None, what });
        match fault {
            LogFault::Damaged { position, what } => damage(position, what),
            LogFault::Torn { position } => damage(position, "the record is cut off".to_owned()),
            other => Self::Storage(other),
        }
    }
}
