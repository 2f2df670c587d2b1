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
    /// Who made that change.
    changed_by: Option<OwnedUserId>,
    /// The newest change by anybody else: news for those who ignore whoever made the newest.
    changed_by_others: u64,
    /// Who is typing, and the change by which each said so last.
    typing: BTreeMap<OwnedUserId, u64>,
}

impl TypingRoom {
    /// Takes note of a change and who made it.
    fn took(&mut self, change: u64, user: &UserId) {
        if self.changed_by.as_deref() != Some(user) {
            self.changed_by_others = self.changed;
            self.changed_by = Some(user.to_owned());
        }
        self.changed = change;
    }
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

    /// Who is typing in `room`, without those whom the asker `ignores`, if that changed after change number `since`.
    #[must_use]
    pub fn typing_since(&self, room: &RoomId, since: u64, ignores: impl Fn(&UserId) -> bool) -> Option<Vec<OwnedUserId>> {
        let rooms = self.shared.rooms.lock();
        let room = rooms.get(room)?;
        let hides_newest = room.changed_by.as_ref().is_some_and(|user| ignores(user));
        let changed = if hides_newest { room.changed_by_others } else { room.changed };
        (changed > since).then(|| room.typing.keys().filter(|user| !ignores(user)).cloned().collect())
    }

    /// Says that `user` types in `room` for at most `lasting`, and wakes `members`, now and when it ends.
    pub fn start_typing(&self, room: &RoomId, user: &UserId, lasting: Duration, members: Vec<OwnedUserId>) {
        let Some(change) = self.change(room, user, &members, |typing, change| {
            typing.insert(user.to_owned(), change);
            true
        }) else {
            return;
        };
        let (this, room, user) = (self.clone(), room.to_owned(), user.to_owned());
        tokio::spawn(async move {
            tokio::time::sleep(lasting.min(TYPING_MAX)).await;
            // A later notice has a later number, and its own end.
            this.change(&room, &user, &members, |typing, _| {
                typing.get(&user) == Some(&change) && typing.remove(&user).is_some()
            });
        });
    }

    /// Says that `user` no longer types in `room`, and wakes `members` if that is news.
    pub fn stop_typing(&self, room: &RoomId, user: &UserId, members: &[OwnedUserId]) {
        self.change(room, user, members, |typing, _| typing.remove(user).is_some());
    }

    fn change(
        &self,
        room: &RoomId,
        user: &UserId,
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
            entry.took(change, user);
            self.shared.changes.store(change, Ordering::SeqCst);
            change
        };
        members.iter().for_each(|member| self.shared.waiters.wake(member));
        Some(change)
    }
}

#[cfg(test)]
mod tests {
    use ruma::{room_id, user_id};

    use super::*;

    #[tokio::test]
    async fn typing_of_ignored_people_is_no_news() {
        let hub = Ephemeral::new(Waiters::above(0));
        let (room, bob, mallory) = (room_id!("!r:h"), user_id!("@bob:h"), user_id!("@mallory:h"));
        let typing = |since| hub.typing_since(room, since, |user| user == mallory);
        let begin = |user| hub.start_typing(room, user, TYPING_MAX, Vec::new());
        begin(mallory);
        assert_eq!(typing(0), None);
        begin(bob);
        let told = hub.newest();
        assert_eq!(typing(0), Some(vec![bob.to_owned()]));
        begin(mallory);
        hub.stop_typing(room, mallory, &[]);
        assert_eq!(typing(told), None);
        assert_eq!(typing(0), Some(vec![bob.to_owned()]), "bob still types");
        hub.stop_typing(room, bob, &[]);
        begin(mallory);
        assert_eq!(typing(told), Some(vec![]), "that bob stopped is news");
        assert_eq!(hub.typing_since(room, told, |_| false), Some(vec![mallory.to_owned()]));
    }
}
