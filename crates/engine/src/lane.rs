//! Lanes: one for each stream in use, deciding one command at a time on the stream's folded state.
//!
//! A lane is a cache. It can be dropped whenever nothing of it is in flight, and is folded again from the log.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use domain::{
    Aggregate, Stream, backup::BackupState, directory::DirectoryState, outbox::OutboxState, room::RoomState, user::UserState,
};
use event_log::{Position, Reader};
use parking_lot::Mutex;
use projection::{Decode, Decoded};
use tokio::sync::Notify;

use crate::{FactDecoder, SubmitError};

/// Lanes of one kind kept warm. One over the bound and the half that was not used for longest is dropped.
const LANES_MAX: usize = 10_000;
/// Records read at once when a cold lane is folded.
const PAGE_RECORDS: usize = 1_000;

/// One stream's lane.
pub(crate) struct Lane<A> {
    /// Held while a command is decided and queued.
    pub(crate) slot: tokio::sync::Mutex<Slot<A>>,
    pub(crate) traffic: Arc<Traffic>,
    /// Another lane has appended to this stream.
    stale: AtomicBool,
    /// The lanes' clock at the last use.
    used: AtomicU64,
}

impl<A> Default for Lane<A> {
    fn default() -> Self {
        Self {
            slot: tokio::sync::Mutex::new(Slot { state: None, generation: 0 }),
            traffic: Arc::default(),
            stale: AtomicBool::default(),
            used: AtomicU64::default(),
        }
    }
}

/// The state that a lane decides on.
pub(crate) struct Slot<A> {
    state: Option<A>,
    /// The writer's generation that the state belongs to.
    generation: u64,
}

impl<A: Aggregate> Lane<A> {
    /// The state of the stream as of `generation`, folded from the log if need be.
    pub(crate) async fn warm<'s>(
        &self,
        slot: &'s mut Slot<A>,
        stream: &Stream,
        log: &Reader,
        generation: u64,
    ) -> Result<&'s mut A, SubmitError> {
        let stale = self.stale.load(Ordering::SeqCst) || slot.generation != generation;
        let known = slot.state.take().filter(|_| !stale);
        let state = match known {
            Some(state) => state,
            None => {
                // What is queued would be missed by reading the log now; the slot is locked, so nothing new is queued.
                self.traffic.wait_settled().await;
                self.stale.store(false, Ordering::SeqCst);
                let (log, name) = (log.clone(), stream.to_string());
                tokio::task::spawn_blocking(move || fold_stream::<A>(&log, &name))
                    .await
                    .map_err(|_| SubmitError::Stopping)??
            }
        };
        slot.generation = generation;
        Ok(slot.state.insert(state))
    }
}

/// What a lane has on its way through the log.
#[derive(Default)]
pub(crate) struct Traffic {
    /// Units that were queued so far.
    queued: AtomicU64,
    /// Those of them that are folded or failed. The log and the folds keep their order, so these are the first ones.
    settled: AtomicU64,
    /// Told whenever one more is settled.
    progress: Notify,
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

    fn is_settled(&self) -> bool {
        self.settled.load(Ordering::SeqCst) >= self.queued.load(Ordering::SeqCst)
    }
}

/// Counts one unit of a lane as under way. It is settled when this is dropped, whatever became of it.
pub(crate) struct UnderWay(Arc<Traffic>);

impl UnderWay {
    pub(crate) fn on<A>(lane: &Lane<A>) -> Self {
        lane.traffic.queued.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(&lane.traffic))
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.settled.fetch_add(1, Ordering::SeqCst);
        self.0.progress.notify_waiters();
    }
}

fn fold_stream<A: Aggregate>(log: &Reader, stream: &str) -> Result<A, SubmitError> {
    let mut state = A::default();
    for page in log.pages(Position::ZERO.next()).of_stream(stream).sized(PAGE_RECORDS) {
        for record in page?.iter().filter(|record| record.bytes().is_some()) {
            if let Decoded::Fact(fact) = FactDecoder.decode(record)? {
                state.evolve(&fact);
            }
        }
    }
    Ok(state)
}

/// The lanes in use of one kind of aggregate.
pub struct LanesOf<A: Aggregate> {
    lanes: Mutex<HashMap<A::Key, Arc<Lane<A>>>>,
    clock: AtomicU64,
}

impl<A: Aggregate> Default for LanesOf<A> {
    fn default() -> Self {
        Self { lanes: Mutex::default(), clock: AtomicU64::default() }
    }
}

impl<A: Aggregate> LanesOf<A> {
    /// The lane of `key`.
    pub(crate) fn get(&self, key: &A::Key) -> Arc<Lane<A>> {
        let now = self.clock.fetch_add(1, Ordering::Relaxed);
        let mut lanes = self.lanes.lock();
        if lanes.len() >= LANES_MAX && !lanes.contains_key(key) {
            drop_idle(&mut lanes);
        }
        let lane = Arc::clone(lanes.entry(key.clone()).or_default());
        lane.used.store(now, Ordering::Relaxed);
        lane
    }

    fn mark_stale(&self, key: &A::Key) {
        if let Some(lane) = self.lanes.lock().get(key) {
            lane.stale.store(true, Ordering::SeqCst);
        }
    }
}

/// Drops the lanes that nobody holds and that were used before the median of all.
fn drop_idle<K: Eq + Hash, A>(lanes: &mut HashMap<K, Arc<Lane<A>>>) {
    let mut uses: Vec<u64> = lanes.values().map(|lane| lane.used.load(Ordering::Relaxed)).collect();
    let middle = uses.len() / 2;
    let (_, median, _) = uses.select_nth_unstable(middle);
    let median = *median;
    lanes.retain(|_, lane| {
        let held = Arc::strong_count(lane) > 1 || !lane.traffic.is_settled();
        held || lane.used.load(Ordering::Relaxed) > median
    });
}

/// All lanes in use.
#[derive(Default)]
pub struct Lanes {
    rooms: LanesOf<RoomState>,
    users: LanesOf<UserState>,
    backups: LanesOf<BackupState>,
    directory: LanesOf<DirectoryState>,
    outbox: LanesOf<OutboxState>,
}

impl Lanes {
    /// Says that another lane has appended to `stream`.
    pub(crate) fn mark_stale(&self, stream: &Stream) {
        match stream {
            Stream::Room(room_id) => self.rooms.mark_stale(room_id),
            Stream::User(user_id) => self.users.mark_stale(user_id),
            Stream::Backup(user_id) => self.backups.mark_stale(user_id),
            Stream::Directory => self.directory.mark_stale(&()),
            Stream::Outbox => self.outbox.mark_stale(&()),
            // Nothing is decided on it.
            Stream::Inbox(_) => {}
        }
    }
}

/// An aggregate that commands are decided on: it has lanes.
pub trait HasLanes: Aggregate {
    /// Those of its kind.
    fn lanes(lanes: &Lanes) -> &LanesOf<Self>;
}

impl HasLanes for RoomState {
    fn lanes(lanes: &Lanes) -> &LanesOf<Self> {
        &lanes.rooms
    }
}

impl HasLanes for UserState {
    fn lanes(lanes: &Lanes) -> &LanesOf<Self> {
        &lanes.users
    }
}

impl HasLanes for BackupState {
    fn lanes(lanes: &Lanes) -> &LanesOf<Self> {
        &lanes.backups
    }
}

impl HasLanes for DirectoryState {
    fn lanes(lanes: &Lanes) -> &LanesOf<Self> {
        &lanes.directory
    }
}

impl HasLanes for OutboxState {
    fn lanes(lanes: &Lanes) -> &LanesOf<Self> {
        &lanes.outbox
    }
}
