//! All lanes in use, by what is decided on them.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use domain::{
    Aggregate, Stream, backup::BackupState, directory::DirectoryState, outbox::OutboxState, room::RoomState, user::UserState,
};
use event_log::Position;
use parking_lot::Mutex;

use crate::lane::Lane;

/// Lanes of one kind kept warm. One over the bound and the half that was not used for longest is dropped.
const LANES_MAX: usize = 10_000;

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
        lane.use_at(now);
        lane
    }

    fn mark_foreign(&self, key: &A::Key, position: Position) {
        if let Some(lane) = self.lanes.lock().get(key) {
            lane.traffic.mark_foreign(position);
        }
    }
}

/// Drops the lanes that nobody holds and that were used before the median of all.
fn drop_idle<K: Eq + Hash, A>(lanes: &mut HashMap<K, Arc<Lane<A>>>) {
    let mut uses: Vec<u64> = lanes.values().map(|lane| lane.used_at()).collect();
    let middle = uses.len() / 2;
    let (_, median, _) = uses.select_nth_unstable(middle);
    let median = *median;
    lanes.retain(|_, lane| {
        let held = Arc::strong_count(lane) > 1 || !lane.traffic.is_settled();
        held || lane.used_at() > median
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
    /// Says that another lane has appended to `stream` at `position`.
    pub(crate) fn mark_foreign(&self, stream: &Stream, position: Position) {
        match stream {
            Stream::Room(room_id) => self.rooms.mark_foreign(room_id, position),
            Stream::User(user_id) => self.users.mark_foreign(user_id, position),
            Stream::Backup(user_id) => self.backups.mark_foreign(user_id, position),
            Stream::Directory => self.directory.mark_foreign(&(), position),
            Stream::Outbox => self.outbox.mark_foreign(&(), position),
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
