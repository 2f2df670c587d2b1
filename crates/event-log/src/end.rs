//! Where a log ends, shared by all parts of one open log, so that whoever waits for more is woken.

use std::time::Instant;

use parking_lot::{Condvar, Mutex, MutexGuard};

use crate::chain::Tip;
use crate::record::Position;

/// The end of a log: the last record that is acknowledged, or that another process is known to have appended.
#[derive(Debug)]
pub(crate) struct End {
    tip: Mutex<Tip>,
    moved: Condvar,
}

impl End {
    pub(crate) const fn at(tip: Tip) -> Self {
        Self { tip: Mutex::new(tip), moved: Condvar::new() }
    }

    pub(crate) fn tip(&self) -> Tip {
        *self.tip.lock()
    }

    /// Keeps it where it is for the time of the guard.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Tip> {
        self.tip.lock()
    }

    pub(crate) fn move_to(&self, tip: Tip) {
        *self.tip.lock() = tip;
        self.notify();
    }

    /// Lets those who wait look again, after a guard moved it.
    pub(crate) fn notify(&self) {
        self.moved.notify_all();
    }

    /// Waits until it is beyond `position`, or until `deadline`.
    pub(crate) fn wait_beyond(&self, position: Position, deadline: Instant) {
        let mut tip = self.tip.lock();
        while tip.position <= position && !self.moved.wait_until(&mut tip, deadline).timed_out() {}
    }
}
