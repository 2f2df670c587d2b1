//! Says that something is left to do in other streams. Who does it is in the file above.

use tokio::sync::Notify;

/// Wakes whoever carries effects out.
#[derive(Default)]
pub(crate) struct Effects {
    waiting: Notify,
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
}
