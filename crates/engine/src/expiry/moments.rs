//! When the next message is due to go. Who lets it go is in the file above.

use parking_lot::Mutex;

/// When something is due next. Asked before every read, so asking costs no more than a lock.
pub(crate) struct Expiry {
    moments: Mutex<Moments>,
    /// Held by whoever lets messages go; readers that find something due wait for it.
    pub(crate) turn: tokio::sync::Mutex<()>,
}

struct Moments {
    /// The next moment, milliseconds since the epoch.
    next_ms: u64,
    /// The earliest that was set since the view was last asked.
    noted_ms: u64,
}

/// Knows of no moment yet.
impl Default for Expiry {
    fn default() -> Self {
        let moments = Moments { next_ms: u64::MAX, noted_ms: u64::MAX };
        Self { moments: Mutex::new(moments), turn: tokio::sync::Mutex::default() }
    }
}

impl Expiry {
    /// Takes note of a moment that was folded.
    pub(crate) fn note(&self, moment_ms: u64) {
        let mut moments = self.moments.lock();
        moments.next_ms = moments.next_ms.min(moment_ms);
        moments.noted_ms = moments.noted_ms.min(moment_ms);
    }

    pub(crate) fn is_due(&self, now_ms: u64) -> bool {
        self.moments.lock().next_ms <= now_ms
    }

    /// The view is about to be asked: what is folded from now on it may not know yet.
    pub(crate) fn ask(&self) {
        self.moments.lock().noted_ms = u64::MAX;
    }

    /// The view has answered.
    pub(crate) fn answered(&self, next_ms: u64) {
        let mut moments = self.moments.lock();
        moments.next_ms = next_ms.min(moments.noted_ms);
    }
}
