//! Lanes: one for each stream in use, deciding one command at a time on the stream's folded state.
//!
//! A lane is a cache. It can be dropped whenever nothing of it is in flight, and is folded again from the log.

use std::{
    any::Any,
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
};

use domain::{Fact, State, Stream};
use event_log::{Log, Position};
use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::SubmitError;

/// Lanes kept warm. One over the bound and the half that was not used for longest is dropped.
const LANES_MAX: usize = 10_000;
/// Records read at once when a cold lane is folded.
const PAGE_RECORDS: usize = 1_000;

/// One stream's lane.
#[derive(Default)]
pub(crate) struct Lane {
    /// Held while a command is decided and queued.
    pub(crate) slot: tokio::sync::Mutex<Slot>,
    /// Units that are queued and not yet folded.
    in_flight: AtomicUsize,
    /// Told when nothing is in flight any more.
    idle: Notify,
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
        self.wait_idle().await;
        self.stale.store(false, Ordering::SeqCst);
        let (log, name) = (log.clone(), stream.to_string());
        let state = tokio::task::spawn_blocking(move || fold_stream::<S>(&log, &name))
            .await
            .map_err(|_| SubmitError::Stopping)??;
        slot.state = Some(Box::new(state));
        slot.generation = generation;
        Ok(())
    }

    /// Waits until everything queued so far is folded or failed.
    pub(crate) async fn wait_idle(&self) {
        loop {
            let idle = self.idle.notified();
            tokio::pin!(idle);
            idle.as_mut().enable();
            if self.in_flight.load(Ordering::SeqCst) == 0 {
                return;
            }
            idle.await;
        }
    }

    /// Counts a queued unit.
    pub(crate) fn depart(&self) {
        self.in_flight.fetch_add(1, Ordering::SeqCst);
    }

    /// Counts a unit that is folded or failed.
    pub(crate) fn arrive(&self) {
        if self.in_flight.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.idle.notify_waiters();
        }
    }
}

fn fold_stream<S: State>(log: &Log, stream: &str) -> Result<S, SubmitError> {
    let mut state = S::default();
    let mut from = Position::ZERO.next();
    loop {
        let records = log.read_stream(stream, from, PAGE_RECORDS)?;
        for record in &records {
            let Some(payload) = record.bytes() else { continue };
            state.evolve(&Fact::decode(&record.header.kind, record.header.kind_version, payload)?);
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
        let held = Arc::strong_count(lane) > 1 || lane.in_flight.load(Ordering::SeqCst) > 0;
        held || lane.used.load(Ordering::Relaxed) > median
    });
}
