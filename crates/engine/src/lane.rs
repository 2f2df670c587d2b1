//! A lane decides on one stream, one command at a time, on the state that is folded from it.
//!
//! It is a cache. It can be dropped whenever nothing of it is in flight, and starts again from the log and a snapshot.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use domain::Aggregate;
use event_log::Position;
use tokio::sync::Notify;

use crate::{SubmitError, queued::Weight, snapshot::Folded};

/// One stream's lane.
pub(crate) struct Lane<A> {
    /// Held while a command is decided and queued.
    pub(crate) slot: tokio::sync::Mutex<Slot<A>>,
    pub(crate) traffic: Arc<Traffic>,
    /// The lanes' clock at the last use.
    used: AtomicU64,
    /// Of the state, as JSON, roughly.
    bytes: AtomicU64,
}

impl<A> Default for Lane<A> {
    fn default() -> Self {
        Self {
            slot: tokio::sync::Mutex::new(Slot { folded: None, generation: 0 }),
            traffic: Arc::default(),
            used: AtomicU64::default(),
            bytes: AtomicU64::default(),
        }
    }
}

/// The state that a lane decides on.
pub(crate) struct Slot<A> {
    folded: Option<Folded<A>>,
    /// The writer's generation that the state belongs to.
    generation: u64,
}

impl<A: Aggregate> Lane<A> {
    /// The state of the stream as of `generation`, made by `fold` from the log if need be.
    pub(crate) async fn warm<'s>(
        &self,
        slot: &'s mut Slot<A>,
        generation: u64,
        fold: impl FnOnce() -> Result<Folded<A>, SubmitError> + Send + 'static,
    ) -> Result<&'s mut Folded<A>, SubmitError> {
        let is_current = |folded: &Folded<A>| slot.generation == generation && !self.traffic.is_outdated(folded.read_to);
        let folded = match slot.folded.take().filter(is_current) {
            Some(folded) => folded,
            None => {
                // What is queued would be missed by reading the log now; the slot is locked, so nothing new is queued.
                self.traffic.wait_settled().await;
                tokio::task::spawn_blocking(fold).await.map_err(|_| SubmitError::Stopping)??
            }
        };
        slot.generation = generation;
        Ok(slot.folded.insert(folded))
    }
}

impl<A> Lane<A> {
    /// It is used when the lanes' clock says `now`.
    pub(crate) fn use_at(&self, now: u64) {
        self.used.store(now, Ordering::Relaxed);
    }

    pub(crate) fn used_at(&self) -> u64 {
        self.used.load(Ordering::Relaxed)
    }

    /// Its state takes so many bytes now; gives how many it took before.
    pub(crate) fn weigh(&self, bytes: u64) -> u64 {
        self.bytes.swap(bytes, Ordering::Relaxed)
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }
}

/// What a lane has on its way through the log, and what has come to its stream by another way.
#[derive(Default)]
pub(crate) struct Traffic {
    /// Units that were queued so far.
    queued: AtomicU64,
    /// Those of them that are folded or failed. The log and the folds keep their order, so these are the first ones.
    settled: AtomicU64,
    /// Told whenever one more is settled.
    progress: Notify,
    /// Position of the last record that another lane has appended to the stream.
    foreign: AtomicU64,
}

impl Traffic {
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

    pub(crate) fn is_settled(&self) -> bool {
        self.settled.load(Ordering::SeqCst) >= self.queued.load(Ordering::SeqCst)
    }

    /// Another lane has appended to the stream at `position`.
    pub(crate) fn mark_outdated_lanes(&self, position: Position) {
        self.foreign.fetch_max(position.0, Ordering::SeqCst);
    }

    /// Whether a state lacks what another lane has appended, when the log was read up to `read_to` for it and it has taken
    /// in only the lane's own facts since.
    pub(crate) fn is_outdated(&self, read_to: Position) -> bool {
        self.foreign.load(Ordering::SeqCst) > read_to.0
    }
}

/// Counts one unit of a lane as under way. It is settled when this is dropped, whatever became of it.
pub(crate) struct UnderWay {
    traffic: Arc<Traffic>,
    /// What it takes of the bytes under way.
    weight: Option<Weight>,
}

impl UnderWay {
    pub(crate) fn on<A>(lane: &Lane<A>) -> Self {
        lane.traffic.queued.fetch_add(1, Ordering::SeqCst);
        Self { traffic: Arc::clone(&lane.traffic), weight: None }
    }

    /// With what it takes of the bytes under way.
    pub(crate) fn with(mut self, weight: Weight) -> Self {
        self.weight = Some(weight);
        self
    }

    pub(crate) fn traffic(&self) -> &Traffic {
        &self.traffic
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        drop(self.weight.take());
        self.traffic.settled.fetch_add(1, Ordering::SeqCst);
        self.traffic.progress.notify_waiters();
    }
}
