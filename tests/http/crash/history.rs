//! What one round leaves to the next.

use std::{collections::BTreeSet, time::Duration};

/// What a server does by itself after a start is done within this; a busy machine may take longer.
pub(super) const DONE_WITHIN: Duration = Duration::from_secs(20);

/// What earlier rounds have left.
pub(super) struct History {
    /// Alice's name.
    pub(super) name: String,
    /// Bob's rooms.
    pub(super) bobs: BTreeSet<String>,
}
