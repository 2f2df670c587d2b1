//! What is true only for a moment and never recorded: who is typing where, and who is there.

mod presence;

pub use presence::Presence;

use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use parking_lot::Mutex;
use ruma::{OwnedRoomId, OwnedUserId, RoomId, UserId};

use crate::waiters::Waiters;

/// The longest that one notice of typing lasts.
pub const TYPING_MAX: Duration = Duration::from_secs(120);
/// Rooms that can have somebody typing at once.
const ROOMS_MAX: usize = 100_000;

/// Typing in all rooms. Changes are numbered, so that a poll can ask what changed since its last.
#[derive(Clone)]
pub struct Ephemeral {
    shared: Arc<Shared>,
}

struct Shared {
    rooms: Mutex<HashMap<OwnedRoomId, TypingRoom>>,
    changes: AtomicU64,
    waiters: Waiters,
    people: presence::People,
}

#[derive(Default)]
struct TypingRoom {
    changed: u64,
    /// Who is typing, and the change by which each said so last.
    typing: BTreeMap<OwnedUserId, u64>,
}

impl Ephemeral {
    /// Nobody is typing.
    #[must_use]
    pub fn new(waiters: Waiters) -> Self {
        let shared =
            Shared { rooms: Mutex::default(), changes: AtomicU64::new(0), waiters, people: presence::People::default() };
        Self { shared: Arc::new(shared) }
    }

    /// What a person last said about being there; none since the start.
    #[must_use]
    pub fn presence(&self, user: &UserId) -> Option<Presence> {
        self.shared.people.get(user)
    }

    /// Takes what a person says about being there.
    pub fn set_presence(&self, user: &UserId, presence: Presence) {
        self.shared.people.set(user, presence);
    }

    /// The number of the newest change. A token from before a restart can be larger: treat it as 0 then.
    #[must_use]
    pub fn newest(&self) -> u64 {
        self.shared.changes.load(Ordering::SeqCst)
    }

    /// Who is typing in `room`, if that changed after change number `since`.
    #[must_use]
    pub fn typing_since(&self, room: &RoomId, since: u64) -> Option<Vec<OwnedUserId>> {
        let rooms = self.shared.rooms.lock();
        let room = rooms.get(room)?;
        (room.changed > since).then(|| room.typing.keys().cloned().collect())
    }

    /// Says that `user` types in `room` for at most `lasting`, and wakes `members`, now and when it ends.
    pub fn start_typing(&self, room: &RoomId, user: &UserId, lasting: Duration, members: Vec<OwnedUserId>) {
        let Some(change) = self.change(room, &members, |typing, change| {
            typing.insert(user.to_owned(), change);
            true
        }) else {
            return;
        };
        let (this, room, user) = (self.clone(), room.to_owned(), user.to_owned());
        tokio::spawn(async move {
            tokio::time::sleep(lasting.min(TYPING_MAX)).await;
            // A later notice has a later number, and its own end.
            this.change(&room, &members, |typing, _| typing.get(&user) == Some(&change) && typing.remove(&user).is_some());
        });
    }

    /// Says that `user` no longer types in `room`, and wakes `members` if that is news.
    pub fn stop_typing(&self, room: &RoomId, user: &UserId, members: &[OwnedUserId]) {
        self.change(room, members, |typing, _| typing.remove(user).is_some());
    }

    fn change(
        &self,
        room: &RoomId,
        members: &[OwnedUserId],
        apply: impl FnOnce(&mut BTreeMap<OwnedUserId, u64>, u64) -> bool,
    ) -> Option<u64> {
        let change = {
            let mut rooms = self.shared.rooms.lock();
            if rooms.len() >= ROOMS_MAX && !rooms.contains_key(room) {
                rooms.retain(|_, room| !room.typing.is_empty());
            }
            let entry = rooms.entry(room.to_owned()).or_default();
            let change = self.newest() + 1;
            if !apply(&mut entry.typing, change) {
                return None;
            }
            entry.changed = change;
            self.shared.changes.store(change, Ordering::SeqCst);
            change
        };
        members.iter().for_each(|member| self.shared.waiters.wake(member));
        Some(change)
    }
}
