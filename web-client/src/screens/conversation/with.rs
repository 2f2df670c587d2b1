//! Whom a chat is with.

use hearth_web_state::{call, safety::Safety};

/// Whom the log is with, for its beginning.
#[derive(Clone, PartialEq)]
pub(super) struct With {
    /// The chat's id.
    pub(super) id: String,
    /// Its name.
    pub(super) name: String,
    /// The other person's user id.
    pub(super) peer: Option<String>,
    /// Whom call buttons call.
    pub(super) call: Option<call::Chat>,
    /// Who can read it.
    pub(super) safety: Safety,
}
