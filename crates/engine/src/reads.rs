//! Long reads: they must not keep the threads that serve everybody else.

use tokio::{
    runtime::{Handle, RuntimeFlavor},
    sync::Semaphore,
    task::block_in_place,
};
use views::Rows;

use crate::Engine;

/// Long reads that go on at once; one more waits for its turn. More than processors, because some wait for the disk.
const LONG_READS_MAX: usize = 16;

/// The turns of long reads.
pub(crate) struct LongReads(Semaphore);

impl Default for LongReads {
    fn default() -> Self {
        Self(Semaphore::new(LONG_READS_MAX))
    }
}

impl Engine {
    /// Reads one snapshot of the views with `read`, which may take a while: pages of history, whole rooms, everybody's keys. The thread
    /// hands on what else it has to do first. What looks up a row or two calls [`Engine::rows`] instead, which costs less.
    pub async fn read<T>(&self, read: impl FnOnce(&dyn Rows) -> T) -> T {
        // The semaphore is never closed, so there always is a turn in the end.
        let _turn = self.long_reads().0.acquire().await;
        match Handle::current().runtime_flavor() {
            RuntimeFlavor::MultiThread => block_in_place(|| read(&*self.rows())),
            // The runtime of a test has no other thread that could go on.
            _ => read(&*self.rows()),
        }
    }
}
