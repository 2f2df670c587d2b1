//! Lanes: one for each stream in use, deciding one command at a time on the stream's folded state.
//!
//! A lane is a cache. It can be dropped whenever nothing of it is in flight, and is folded again from the log.

use std::{
    any::Any,
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use domain::{State, Stream};
use event_log::{Log, Position};
use parking_lot::Mutex;
use projection::{Decode, Decoded};
use tokio::sync::Notify;

use crate::{FactDecoder, SubmitError};

/// Lanes kept warm. One over the bound and the half that was not used for longest is dropped.
const LANES_MAX: usize = 10_000;
/// Records read at once when a cold lane is folded.
const PAGE_RECORDS: usize = 1_000;

/// One stream's lane.
#[derive(Default)]
pub(crate) struct Lane {
    /// Held while a command is decided and queued.
    pub(crate) slot: tokio::sync::Mutex<Slot>,
    /// Units that were queued so far.
    queued: AtomicU64,
    /// Those of them that are folded or failed. The log and the folds keep their order, so these are the first ones.
    settled: AtomicU64,
    /// Told whenever one more is settled.
    progress: Notify,
    /// Another lane has appended to this stream.
    stale: AtomicBool,
    /// The lane clock's value at the last use.
    used: AtomicU64,
}

/// The state that a lane decides on.
#[derive(Default)]
pub(crate) struct Slot {
    state: Option<Box<dyn Any + Send>>,
    /// The writer's generation that the state belongs to.
    generation: u64,
}

impl Slot {
    /// The state, if it is folded and of the type asked for.
    pub(crate) fn state<S: State>(&mut self) -> Option<&mut S> {
        self.state.as_mut().and_then(|state| state.downcast_mut())
    }
}

impl Lane {
    /// Makes sure that `slot` holds the state of the stream as of `generation`, folding it from the log if need be.
    pub(crate) async fn warm<S: State>(
        &self,
        slot: &mut Slot,
        stream: &Stream,
        log: &Log,
        generation: u64,
    ) -> Result<(), SubmitError> {
        let stale = self.stale.load(Ordering::SeqCst) || slot.generation != generation;
        if !stale && slot.state::<S>().is_some() {
            return Ok(());
        }
        // What is queued would be missed by reading the log now; the slot is locked, so nothing new is queued.
        self.wait_settled().await;
        self.stale.store(false, Ordering::SeqCst);
        let (log, name) = (log.clone(), stream.to_string());
        let state = tokio::task::spawn_blocking(move || fold_stream::<S>(&log, &name))
            .await
            .map_err(|_| SubmitError::Stopping)??;
        slot.state = Some(Box::new(state));
        slot.generation = generation;
        Ok(())
    }

    /// Waits until everything that is queued now is folded or failed; what is queued meanwhile is not waited for.
    pub(crate) async fn wait_settled(&self) {
        let queued = self.queued.load(Ordering::SeqCst);
        loop {
            let progress = self.progress.notified();
            tokio::pin!(progress);
            progress.as_mut().enable();
            if self.settled.load(Ordering::SeqCst) >= queued {
                return;
            }
            progress.await;
        }
    }

    fn is_settled(&self) -> bool {
        self.settled.load(Ordering::SeqCst) >= self.queued.load(Ordering::SeqCst)
    }
}

/// Counts one unit of a lane as under way. It is settled when this is dropped, whatever became of it.
pub(crate) struct UnderWay(Arc<Lane>);

impl UnderWay {
    pub(crate) fn on(lane: &Arc<Lane>) -> Self {
        lane.queued.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(lane))
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.settled.fetch_add(1, Ordering::SeqCst);
        self.0.progress.notify_waiters();
    }
}

fn fold_stream<S: State>(log: &Log, stream: &str) -> Result<S, SubmitError> {
    let mut state = S::default();
    let mut from = Position::ZERO.next();
    loop {
        let records = log.read_stream(stream, from, PAGE_RECORDS)?;
        for record in records.iter().filter(|record| record.bytes().is_some()) {
            if let Decoded::Fact(fact) = FactDecoder.decode(record)? {
                state.evolve(&fact);
            }
        }
        match records.last() {
            Some(last) if records.len() == PAGE_RECORDS => from = last.position().next(),
            _ => return Ok(state),
        }
    }
}

/// All lanes in use.
#[derive(Default)]
pub(crate) struct Lanes {
    lanes: Mutex<HashMap<Stream, Arc<Lane>>>,
    clock: AtomicU64,
}

impl Lanes {
    /// The lane of `stream`.
    pub(crate) fn get(&self, stream: &Stream) -> Arc<Lane> {
        let now = self.clock.fetch_add(1, Ordering::Relaxed);
        let mut lanes = self.lanes.lock();
        if lanes.len() >= LANES_MAX && !lanes.contains_key(stream) {
            drop_idle(&mut lanes);
        }
        let lane = Arc::clone(lanes.entry(stream.clone()).or_default());
        lane.used.store(now, Ordering::Relaxed);
        lane
    }

    /// Says that another lane has appended to `stream`.
    pub(crate) fn mark_stale(&self, stream: &Stream) {
        if let Some(lane) = self.lanes.lock().get(stream) {
            lane.stale.store(true, Ordering::SeqCst);
        }
    }
}

/// Drops the lanes that nobody holds and that were used before the median of all.
fn drop_idle(lanes: &mut HashMap<Stream, Arc<Lane>>) {
    let mut uses: Vec<u64> = lanes.values().map(|lane| lane.used.load(Ordering::Relaxed)).collect();
    let middle = uses.len() / 2;
    let (_, median, _) = uses.select_nth_unstable(middle);
    let median = *median;
    lanes.retain(|_, lane| {
        let held = Arc::strong_count(lane) > 1 || !lane.is_settled();
        held || lane.used.load(Ordering::Relaxed) > median
    });
}
