//! How far the views have come, readable from any thread without a lock. Waking waiters is the engine's business.

use std::sync::atomic::{AtomicU64, Ordering};

use event_log::Position;

/// The position that all views have reached and committed.
#[derive(Debug)]
pub struct Progress(AtomicU64);

impl Progress {
    pub(crate) fn new(position: Position) -> Self {
        Self(AtomicU64::new(position.0))
    }

    /// Rows up to and including this position are visible to a snapshot that is taken after this call.
    pub fn reached(&self) -> Position {
        Position(self.0.load(Ordering::Acquire))
    }

    pub(crate) fn reach(&self, position: Position) {
        self.0.store(position.0, Ordering::Release);
    }
}
