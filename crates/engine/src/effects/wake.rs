//! Says that something is left to do in other streams. Who does it is in the file above.

use tokio::sync::Notify;

/// Wakes whoever carries effects out, and whoever waits for what they have erased.
#[derive(Default)]
pub(crate) struct Effects {
    waiting: Notify,
    erased: Notify,
}

impl Effects {
    /// Says that something may be left to do. Said to nobody, it is kept for the next who waits.
    pub(crate) fn wake(&self) {
        self.waiting.notify_one();
    }

    /// Waits until something may be left to do.
    pub(crate) async fn wait(&self) {
        self.waiting.notified().await;
    }

    /// Says that an account was erased. Said to nobody, it is kept for the next who waits.
    pub(crate) fn erased(&self) {
        self.erased.notify_one();
    }

    /// Waits until an account was erased.
    pub(crate) async fn wait_erased(&self) {
        self.erased.notified().await;
    }
}
