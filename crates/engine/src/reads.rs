//! Long reads: they must not keep the threads that serve everybody else.

use tokio::{
    runtime::{Handle, RuntimeFlavor},
    sync::{Semaphore, SemaphorePermit},
    task::block_in_place,
};

/// Long reads that go on at once; one more waits for its turn. More than processors, because some wait for the disk.
const LONG_READS_MAX: usize = 16;

/// The turns of long reads.
pub(crate) struct LongReads(Semaphore);

impl Default for LongReads {
    fn default() -> Self {
        Self(Semaphore::new(LONG_READS_MAX))
    }
}

impl LongReads {
    /// Waits for a turn, which ends when it is dropped.
    pub(crate) async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        // The semaphore is never closed, so there always is a turn in the end.
        self.0.acquire().await.ok()
    }
}

/// Runs `read` here, after the thread has handed on what else it has to do.
pub(crate) fn aside<T>(read: impl FnOnce() -> T) -> T {
    match Handle::current().runtime_flavor() {
        RuntimeFlavor::MultiThread => block_in_place(read),
        // The runtime of a test has no other thread that could go on.
        _ => read(),
    }
}
