//! Long reads: they must not keep the threads that serve everybody else.

use tokio::{
    runtime::{Handle, RuntimeFlavor},
    sync::{Semaphore, SemaphorePermit},
    task::block_in_place,
};

use crate::SubmitError;

/// Long reads that go on at once; one more waits for its turn. More than processors, because some wait for the disk.
pub const LONG_READS_MAX: usize = 16;
/// Long reads that wait for their turn. One over is refused with [`SubmitError::Overloaded`]: whoever waits holds what it asks for.
pub const LONG_READS_WAITING_MAX: usize = 512;

/// The turns of long reads.
pub(crate) struct LongReads {
    turns: Semaphore,
    /// Of those at work and those that wait.
    places: Semaphore,
}

impl Default for LongReads {
    fn default() -> Self {
        Self { turns: Semaphore::new(LONG_READS_MAX), places: Semaphore::new(LONG_READS_MAX + LONG_READS_WAITING_MAX) }
    }
}

/// A turn, and a place in the queue until it ends.
pub(crate) type Turn<'r> = [SemaphorePermit<'r>; 2];

impl LongReads {
    /// Waits for a turn, which ends when it is dropped.
    ///
    /// # Errors
    /// [`SubmitError::Overloaded`] when too many wait already.
    pub(crate) async fn turn(&self) -> Result<Turn<'_>, SubmitError> {
        let place = self.places.try_acquire().map_err(|_| SubmitError::Overloaded)?;
        // The semaphore is never closed, so there always is a turn in the end.
        let turn = self.turns.acquire().await.map_err(|_| SubmitError::Stopping)?;
        Ok([place, turn])
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

#[cfg(test)]
mod tests {
    use std::{
        future::Future,
        pin::pin,
        task::{Context, Poll, Waker},
    };

    use super::*;

    fn poll<F: Future>(future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
        future.poll(&mut Context::from_waker(Waker::noop()))
    }

    #[test]
    fn so_many_wait_and_no_more() {
        let reads = LongReads::default();
        let mut at_work = Vec::new();
        for _ in 0..LONG_READS_MAX {
            let Poll::Ready(Ok(turn)) = poll(pin!(reads.turn())) else { panic!("nobody is there yet") };
            at_work.push(turn);
        }
        let mut waiting: Vec<_> = (0..LONG_READS_WAITING_MAX).map(|_| Box::pin(reads.turn())).collect();
        assert!(waiting.iter_mut().all(|one| poll(one.as_mut()).is_pending()));
        assert!(matches!(poll(pin!(reads.turn())), Poll::Ready(Err(SubmitError::Overloaded))));
        at_work.pop();
        assert!(matches!(poll(waiting.remove(0).as_mut()), Poll::Ready(Ok(_))), "the one that came first has its turn");
        assert!(poll(pin!(reads.turn())).is_pending(), "and there is a place again");
    }
}
