//! The one error of this crate: storage failed, the log could not be read, or a row does not decode.

use std::error::Error;

use event_log::Position;

/// What helps against a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// Nothing but other code: the same again would fail again.
    None,
    /// Opening the storage anew, perhaps later: descriptors were used up, the disk was full or did not answer.
    Reopen,
    /// Deleting all rows and folding them anew: their files are not as they were written.
    Rebuild,
}

/// Storage failed or a row does not decode. Nothing was committed by the call that returned it.
///
/// The message names places (view, table, position), never the content of a row.
#[derive(Debug, thiserror::Error)]
#[error("{context}")]
pub struct ViewFault {
    context: String,
    remedy: Remedy,
    #[source]
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl ViewFault {
    /// A fault that has no underlying error.
    pub fn new(context: impl Into<String>) -> Self {
        Self { context: context.into(), remedy: Remedy::None, source: None }
    }

    /// A fault with the error that caused it, kept as the source.
    pub fn caused(context: impl Into<String>, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { context: context.into(), remedy: Remedy::None, source: Some(source.into()) }
    }

    /// The same fault, against which `remedy` is known to help.
    #[must_use]
    pub fn with_remedy(self, remedy: Remedy) -> Self {
        Self { remedy, ..self }
    }

    /// What helps against it.
    #[must_use]
    pub fn remedy(&self) -> Remedy {
        self.remedy
    }

    /// The log could not be read at or after `position`.
    pub(crate) fn of_log(position: Position, fault: event_log::LogFault) -> Self {
        let is_passing = matches!(fault, event_log::LogFault::Unavailable(_));
        let remedy = if is_passing { Remedy::Reopen } else { Remedy::None };
        Self::caused(format!("the log could not be read from position {position}"), fault).with_remedy(remedy)
    }

    /// The same fault, told from one level further out.
    #[must_use]
    pub fn within(self, context: impl Into<String>) -> Self {
        Self { remedy: self.remedy, ..Self::caused(context, self) }
    }
}
