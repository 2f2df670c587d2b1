//! Long reads: they must not keep the threads that serve everybody else, nor read more than there is memory for.

use std::{
    ops::ControlFlow,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
};

use projection::{Order, Rows, ViewFault, Visit};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::{SubmitError, memory::MemoryBounds};

/// Long reads that wait for their turn. One over is refused with [`SubmitError::Overloaded`]: whoever waits holds what it asks for.
pub const LONG_READS_WAITING_MAX: usize = 512;

/// The turns of long reads.
pub(crate) struct LongReads {
    turns: Semaphore,
    /// Of those at work and those that wait.
    places: Semaphore,
    /// Bytes of rows that those at work have read.
    read: AtomicUsize,
    read_max: usize,
}

/// A turn, and a place in the queue until it ends.
pub(crate) struct Turn<'r> {
    reads: &'r LongReads,
    _permits: [SemaphorePermit<'r>; 2],
}

impl LongReads {
    /// As many at once, and as many bytes, as `memory` allows.
    pub(crate) fn new(memory: MemoryBounds) -> Self {
        Self {
            turns: Semaphore::new(memory.long_reads),
            places: Semaphore::new(memory.long_reads + LONG_READS_WAITING_MAX),
            read: AtomicUsize::new(0),
            read_max: memory.read_bytes,
        }
    }

    /// Waits for a turn, which ends when it is dropped.
    ///
    /// # Errors
    /// [`SubmitError::Overloaded`] when too many wait already.
    pub(crate) async fn turn(&self) -> Result<Turn<'_>, SubmitError> {
        let place = self.places.try_acquire().map_err(|_| SubmitError::Overloaded)?;
        // The semaphore is never closed, so there always is a turn in the end.
        let turn = self.turns.acquire().await.map_err(|_| SubmitError::Stopping)?;
        Ok(Turn { reads: self, _permits: [place, turn] })
    }
}

impl Turn<'_> {
    /// Reads `rows` with `read`, and counts what it reads.
    ///
    /// # Errors
    /// Those of `read`. When there is no room for so much, [`SubmitError::AnswerTooLarge`] if others are not to blame, and otherwise
    /// [`SubmitError::Overloaded`].
    pub(crate) fn read<T, E: From<SubmitError>>(
        &self,
        rows: &dyn Rows,
        read: impl FnOnce(&dyn Rows) -> Result<T, E>,
    ) -> Result<T, E> {
        let counted = Counted::new(rows, self.reads);
        let outcome = read(&counted);
        match counted.refusal() {
            Some(refusal) => Err(refusal.into()),
            None => outcome,
        }
    }
}

/// Rows that count what is read of them.
struct Counted<'r> {
    rows: &'r dyn Rows,
    reads: &'r LongReads,
    /// Read through this.
    bytes: AtomicUsize,
    /// Whether there was no room for something.
    is_refused: AtomicBool,
}

impl<'r> Counted<'r> {
    fn new(rows: &'r dyn Rows, reads: &'r LongReads) -> Self {
        Self { rows, reads, bytes: AtomicUsize::new(0), is_refused: AtomicBool::new(false) }
    }

    /// Takes room for a row.
    fn take(&self, bytes: usize) -> Result<(), ViewFault> {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        let before = self.reads.read.fetch_add(bytes, Ordering::Relaxed);
        if before.saturating_add(bytes) > self.reads.read_max {
            self.is_refused.store(true, Ordering::Relaxed);
            return Err(ViewFault::new("so much is not read at once"));
        }
        Ok(())
    }

    /// Why what was read does not count.
    fn refusal(&self) -> Option<SubmitError> {
        let alone = self.bytes.load(Ordering::Relaxed) > self.reads.read_max;
        let refusal = if alone { SubmitError::AnswerTooLarge } else { SubmitError::Overloaded };
        self.is_refused.load(Ordering::Relaxed).then_some(refusal)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.reads.read.fetch_sub(self.bytes.load(Ordering::Relaxed), Ordering::Relaxed);
    }
}

impl Rows for Counted<'_> {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, ViewFault> {
        let value = self.rows.get(key)?;
        self.take(value.as_ref().map_or(0, Vec::len))?;
        Ok(value)
    }

    fn scan(&self, from: &[u8], to: &[u8], order: Order, visit: &mut Visit<'_>) -> Result<(), ViewFault> {
        let mut refused = None;
        self.rows.scan(from, to, order, &mut |key, value| match self.take(key.len() + value.len()) {
            Ok(()) => visit(key, value),
            Err(fault) => {
                refused = Some(fault);
                ControlFlow::Break(())
            }
        })?;
        refused.map_or(Ok(()), Err)
    }

    fn may_be_after(&self, prefix: &[u8], position: u64) -> bool {
        self.rows.may_be_after(prefix, position)
    }

    fn count_after(&self, prefix: &[u8], position: u64, limit: usize) -> Option<usize> {
        self.rows.count_after(prefix, position, limit)
    }
}

#[cfg(test)]
mod tests {
    use std::{
        future::Future,
        pin::pin,
        task::{Context, Poll, Waker},
    };

    use projection::{MemoryRows, RowStore, Writes};

    use super::*;

    fn poll<F: Future>(future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
        future.poll(&mut Context::from_waker(Waker::noop()))
    }

    fn turn(reads: &LongReads) -> Turn<'_> {
        let Poll::Ready(Ok(turn)) = poll(pin!(reads.turn())) else { panic!("nobody is there yet") };
        turn
    }

    #[test]
    fn so_many_wait_and_no_more() {
        let reads = LongReads::new(MemoryBounds { long_reads: 3, ..MemoryBounds::AMPLE });
        let mut at_work: Vec<_> = (0..3).map(|_| turn(&reads)).collect();
        let mut waiting: Vec<_> = (0..LONG_READS_WAITING_MAX).map(|_| Box::pin(reads.turn())).collect();
        assert!(waiting.iter_mut().all(|one| poll(one.as_mut()).is_pending()));
        assert!(matches!(poll(pin!(reads.turn())), Poll::Ready(Err(SubmitError::Overloaded))));
        at_work.pop();
        assert!(matches!(poll(waiting.remove(0).as_mut()), Poll::Ready(Ok(_))), "the one that came first has its turn");
        assert!(poll(pin!(reads.turn())).is_pending(), "and there is a place again");
    }

    #[test]
    fn all_reads_together_read_so_much_and_no_more() {
        let rows = MemoryRows::new();
        let writes: Writes = (0..100_u8).map(|n| (vec![n], Some(vec![n; 99]))).collect();
        rows.commit(&writes).unwrap();
        let reads = LongReads::new(MemoryBounds { read_bytes: 5_000, ..MemoryBounds::AMPLE });
        let (one, other, snapshot) = (turn(&reads), turn(&reads), rows.snapshot());
        let scan = |rows: &dyn Rows, to: u8| -> Result<usize, SubmitError> {
            let mut seen = 0;
            rows.scan(&[0], &[to], Order::Ascending, &mut |_, _| {
                seen += 1;
                ControlFlow::Continue(())
            })?;
            Ok(seen)
        };
        assert!(matches!(one.read(&*snapshot, |rows| scan(rows, 50)), Ok(50)));
        assert!(matches!(one.read(&*snapshot, |rows| scan(rows, 51)), Err(SubmitError::AnswerTooLarge)));
        let both = one.read(&*snapshot, |rows| {
            let seen = scan(rows, 40)?;
            assert!(matches!(other.read(&*snapshot, |rows| scan(rows, 20)), Err(SubmitError::Overloaded)));
            let hidden = other.read(&*snapshot, |rows| Ok::<_, SubmitError>(scan(rows, 20).unwrap_or_default()));
            assert!(hidden.is_err(), "also when the reader takes no note of it");
            Ok::<_, SubmitError>(seen)
        });
        assert!(matches!(both, Ok(40)));
        assert_eq!(reads.read.load(Ordering::Relaxed), 0, "what is over is given back");
    }
}
