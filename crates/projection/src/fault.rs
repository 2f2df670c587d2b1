//! The one error of this crate: storage failed, the log could not be read, or a row does not decode.

use std::error::Error;

/// Storage failed or a row does not decode. Nothing was committed by the call that returned it.
///
/// The message names places (view, table, position), never the content of a row.
#[derive(Debug, thiserror::Error)]
#[error("{context}")]
pub struct Fault {
    context: String,
    is_damage: bool,
    #[source]
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl Fault {
    /// A fault that has no underlying error.
    pub fn new(context: impl Into<String>) -> Self {
        Self { context: context.into(), is_damage: false, source: None }
    }

    /// A fault with the error that caused it, kept as the source.
    pub fn caused(context: impl Into<String>, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { context: context.into(), is_damage: false, source: Some(source.into()) }
    }

    /// The same fault, known to come from files that are not as they were written. Rows are made from the log, so
    /// deleting and folding them anew mends it.
    #[must_use]
    pub fn as_damage(self) -> Self {
        Self { is_damage: true, ..self }
    }

    /// Whether deleting all rows and folding them anew would mend it.
    #[must_use]
    pub fn is_damage(&self) -> bool {
        self.is_damage
    }

    /// The same fault, told from one level further out.
    #[must_use]
    pub fn within(self, context: impl Into<String>) -> Self {
        Self { is_damage: self.is_damage, ..Self::caused(context, self) }
    }
}
