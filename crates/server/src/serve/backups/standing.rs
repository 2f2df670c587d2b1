//! How backups and rehearsals do, for those who monitor.

use std::sync::Arc;

use parking_lot::Mutex;

use crate::command::BackupOutcome;

/// What is known. Cheap to clone; clones know the same.
#[derive(Clone, Default)]
pub(in crate::serve) struct Standing(Arc<Mutex<Known>>);

/// What is known of backups and rehearsals. Moments are milliseconds since the epoch.
#[derive(Clone, Copy, Default)]
pub(in crate::serve) struct Known {
    /// When the newest backup was made.
    pub(in crate::serve) last_ms: Option<u64>,
    /// How long it took, if it was made since the start, milliseconds.
    pub(in crate::serve) duration_ms: Option<u64>,
    /// What it takes in its folder, bytes.
    pub(in crate::serve) bytes: Option<u64>,
    /// Whether the last try failed.
    pub(in crate::serve) has_failed: bool,
    /// When the last rehearsal ended, and whether it passed.
    pub(in crate::serve) rehearsal: Option<(u64, bool)>,
}

impl Standing {
    pub(in crate::serve) fn known(&self) -> Known {
        *self.0.lock()
    }

    pub(super) fn found(&self, made_at_ms: u64, bytes: u64) {
        let mut known = self.0.lock();
        known.last_ms = Some(made_at_ms);
        known.bytes = Some(bytes);
    }

    pub(super) fn backed_up(&self, outcome: &BackupOutcome) {
        let mut known = self.0.lock();
        known.last_ms = Some(outcome.made_at_ms);
        known.bytes = Some(outcome.stored_bytes);
        known.duration_ms = Some(outcome.duration_ms);
        known.has_failed = false;
    }

    pub(super) fn backup_failed(&self) {
        self.0.lock().has_failed = true;
    }

    pub(super) fn rehearsed(&self, at_ms: u64, has_passed: bool) {
        self.0.lock().rehearsal = Some((at_ms, has_passed));
    }
}
