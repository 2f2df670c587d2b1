//! What can go wrong with a command besides being rejected by the rules.

use std::error::Error as _;

use domain::{CodecError, Rejection};
use event_log::AppendError;
use projection::{Remedy, ViewFault};

use crate::causes::with_causes;

/// Why a command was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    /// The rules refuse it.
    #[error(transparent)]
    Rejected(Rejection),
    /// More is queued than the log can take in: try again after a moment.
    #[error("the server is busy")]
    Overloaded,
    /// What it was decided on never became real, because an append before it failed: try again.
    #[error("the log could not be written just now")]
    Conflict,
    /// A storage does not answer just now: try again.
    #[error("a storage does not answer just now: {0}")]
    Unavailable(String),
    /// The disk is full. Reads go on.
    #[error("the server's disk is full")]
    Full,
    /// The server is shutting down.
    #[error("the server is stopping")]
    Stopping,
    /// The facts cannot be written as records: more than 1,000 of them, or too large.
    #[error("the request is too large for one unit of the log: {0}")]
    TooLarge(String),
    /// What was asked for is more than may be read at once.
    #[error("the answer is too large for this server")]
    AnswerTooLarge,
    /// A fact could be written and would not be readable: nothing was recorded.
    #[error("the request makes a record that cannot be read back: {0}")]
    Unreadable(String),
    /// A part of the server failed. The error is kept with what caused it.
    #[error(transparent)]
    Fault(Box<dyn std::error::Error + Send + Sync>),
}

impl SubmitError {
    /// Whether it lies in what the command was about, so that commands about other things may be carried out all the same.
    pub(crate) fn is_of_one_thing(&self) -> bool {
        matches!(self, Self::Rejected(_) | Self::Unreadable(_) | Self::Fault(_))
    }
}

impl From<Rejection> for SubmitError {
    fn from(mut rejection: Rejection) -> Self {
        let Some(fault) = rejection.fault.take() else { return Self::Rejected(rejection) };
        let storage = fault.source().and_then(|source| source.downcast_ref::<ViewFault>());
        match storage.map(ViewFault::remedy) {
            Some(Remedy::Reopen | Remedy::Rebuild) => Self::Unavailable(with_causes(&fault)),
            Some(Remedy::None) | None => Self::Fault(fault.into()),
        }
    }
}

impl From<CodecError> for SubmitError {
    fn from(error: CodecError) -> Self {
        Self::Fault(error.into())
    }
}

impl From<event_log::LogFault> for SubmitError {
    fn from(fault: event_log::LogFault) -> Self {
        match fault {
            event_log::LogFault::Unavailable(what) => Self::Unavailable(what),
            other => Self::Fault(other.into()),
        }
    }
}

impl From<ViewFault> for SubmitError {
    fn from(fault: ViewFault) -> Self {
        match fault.remedy() {
            // The follower is about to apply it.
            Remedy::Reopen | Remedy::Rebuild => Self::Unavailable(with_causes(&fault)),
            Remedy::None => Self::Fault(fault.into()),
        }
    }
}

impl From<&AppendError> for SubmitError {
    fn from(error: &AppendError) -> Self {
        match error {
            AppendError::Conflict | AppendError::Unavailable(_) => Self::Conflict,
            AppendError::Full => Self::Full,
            AppendError::Fault(fault) => Self::Fault(with_causes(fault).into()),
            AppendError::NoRandomness(error) => Self::Fault(with_causes(error).into()),
        }
    }
}

/// Why the engine does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The views could not be brought up to the log.
    #[error("the views could not be folded: {0}")]
    Views(#[from] ViewFault),
    /// The writer or the follower could not be started.
    #[error("a thread could not be started: {0}")]
    Thread(#[from] std::io::Error),
}
