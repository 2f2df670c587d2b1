//! What is true only for a moment and never recorded: who is typing where, and who is there.

mod presence;
mod typing;

pub use presence::{Presence, Sign};
pub use typing::TYPING_ROOMS_OF_ONE_MAX;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use parking_lot::Mutex;
use ruma::{OwnedUserId, RoomId, UserId, presence::PresenceState};
use tokio::{
    task::AbortHandle,
    time::{Instant, sleep_until},
};
use typing::{Notice, TypingRooms};

use crate::{memory::MemoryBounds, waiters::Waiters};

/// The longest that one notice of typing lasts.
pub const TYPING_MAX: Duration = Duration::from_secs(120);

/// People who are woken by one change of somebody's presence. The others hear of it with their next answer.
const WOKEN_BY_ONE_MAX: u32 = 100;
/// People who are woken by presence in one second.
const WOKEN_IN_A_SECOND_MAX: u32 = 500;

/// Typing in all rooms, and who is there. Changes are numbered, so that a poll can ask what changed since its last.
#[derive(Clone)]
pub struct Ephemeral {
    shared: Arc<Shared>,
}

struct Shared {
    rooms: Mutex<TypingRooms>,
    changes: AtomicU64,
    waiters: Waiters,
    people: Mutex<presence::People>,
    woken: Mutex<Woken>,
}

/// How many were woken by presence lately.
struct Woken {
    since: Instant,
    count: u32,
}

impl Ephemeral {
    /// Nobody is typing.
    #[must_use]
    pub fn new(waiters: Waiters, memory: MemoryBounds) -> Self {
        let shared = Shared {
            rooms: Mutex::new(TypingRooms::new(memory.typing_members)),
            changes: AtomicU64::new(0),
            waiters,
            people: Mutex::new(presence::People::new(memory.presence_bytes)),
            woken: Mutex::new(Woken { since: Instant::now(), count: 0 }),
        };
        Self { shared: Arc::new(shared) }
    }

    /// Whether a person is there; none when nothing was heard of them since the start.
    #[must_use]
    pub fn presence(&self, user: &UserId) -> Option<Presence> {
        let mut people = self.shared.people.lock();
        people.end_due(|| self.next_change());
        people.get(user)
    }

    /// Takes a sign that a person is there, with what they say about it themselves: a state, and words that go with it. True when that
    /// is news for others.
    #[must_use]
    pub fn take_sign(&self, user: &UserId, sign: &Sign<'_>, said: Option<(PresenceState, Option<String>)>) -> bool {
        self.shared.people.lock().take(user, sign, said, || self.next_change())
    }

    /// Whose presence changed after change number `since`, the newest first, at most `limit`.
    #[must_use]
    pub fn presence_since(&self, since: u64, limit: usize) -> Vec<(OwnedUserId, Presence)> {
        self.shared.people.lock().since(since, limit)
    }

    /// Wakes those of `observers` who wait for news, as many as presence may wake. It is no haste: the others hear of it soon.
    pub fn wake_some(&self, observers: impl IntoIterator<Item = OwnedUserId>) {
        let mut woken = self.shared.woken.lock();
        if woken.since.elapsed() >= Duration::from_secs(1) {
            *woken = Woken { since: Instant::now(), count: 0 };
        }
        let most = WOKEN_BY_ONE_MAX.min(WOKEN_IN_A_SECOND_MAX.saturating_sub(woken.count)) as usize;
        let waiting = observers.into_iter().filter(|user| self.shared.waiters.is_waiting(user)).take(most);
        for user in waiting {
            woken.count += 1;
            self.shared.waiters.wake(&user);
        }
    }

    /// The number of the newest change. A token from before a restart can be larger: treat it as 0 then.
    #[must_use]
    pub fn newest(&self) -> u64 {
        self.shared.people.lock().end_due(|| self.next_change());
        self.shared.changes.load(Ordering::SeqCst)
    }

    /// Who is typing in `room`, without those whom the asker `ignores`, if that changed after change number `since`.
    #[must_use]
    pub fn typing_since(&self, room: &RoomId, since: u64, ignores: impl Fn(&UserId) -> bool) -> Option<Vec<OwnedUserId>> {
        self.shared.rooms.lock().since(room, since, ignores)
    }

    /// Says that `user` types in `room` for at most `lasting`, and wakes `members`, now and when it ends. A notice for which there
    /// is no room in memory is not passed on.
    pub fn start_typing(&self, room: &RoomId, user: &UserId, lasting: Duration, members: Vec<OwnedUserId>) {
        let until = Instant::now() + lasting.min(TYPING_MAX);
        let members: Arc<[OwnedUserId]> = members.into();
        {
            let mut rooms = self.shared.rooms.lock();
            if rooms.renew(room, user, until) || !rooms.has_place(user, members.len()) {
                return;
            }
            let notice = Notice { until, timer: self.end_later(room, user) };
            rooms.start(room, user, notice, Arc::clone(&members), self.next_change());
        }
        self.wake(&members);
    }

    /// Says that `user` no longer types in `room`, and wakes whom that concerns if it is news.
    pub fn stop_typing(&self, room: &RoomId, user: &UserId) {
        let members = self.shared.rooms.lock().stop(room, user, self.next_change());
        self.wake(&members.unwrap_or_default());
    }

    /// Ends a notice when its time has come, which may be put off meanwhile.
    fn end_later(&self, room: &RoomId, user: &UserId) -> AbortHandle {
        let (this, room, user) = (self.clone(), room.to_owned(), user.to_owned());
        let timer = tokio::spawn(async move {
            while let Some(until) = this.types_until(&room, &user) {
                sleep_until(until).await;
            }
            this.stop_typing(&room, &user);
        });
        timer.abort_handle()
    }

    /// Until when somebody types who still does.
    fn types_until(&self, room: &RoomId, user: &UserId) -> Option<Instant> {
        self.shared.rooms.lock().until(room, user).filter(|until| *until > Instant::now())
    }

    /// The number of a change; asked for while typing is locked. One that was not needed is left out.
    fn next_change(&self) -> u64 {
        self.shared.changes.fetch_add(1, Ordering::SeqCst) + 1
    }

    fn wake(&self, members: &[OwnedUserId]) {
        members.iter().for_each(|member| self.shared.waiters.wake(member));
    }
}

#[cfg(test)]
mod tests {
    use ruma::{OwnedRoomId, owned_user_id, room_id, user_id};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn typing_takes_little_memory_and_ends() {
        let hub = Ephemeral::new(Waiters::above(0), MemoryBounds::AMPLE);
        let room = |number: usize| OwnedRoomId::try_from(format!("!{number}:h")).unwrap();
        let (alice, members) = (user_id!("@alice:h"), vec![owned_user_id!("@bob:h"); 10]);
        for number in 0..2 * TYPING_ROOMS_OF_ONE_MAX {
            (0..5).for_each(|_| hub.start_typing(&room(number), alice, Duration::from_secs(300), members.clone()));
        }
        let most = TYPING_ROOMS_OF_ONE_MAX;
        assert_eq!(hub.shared.rooms.lock().held(), (most, most, 10 * most));
        let many = vec![owned_user_id!("@bob:h"); MemoryBounds::AMPLE.typing_members];
        hub.start_typing(&room(99), user_id!("@carol:h"), TYPING_MAX, many);
        assert_eq!(hub.typing_since(&room(99), 0, |_| false), None, "there is no room for so many");
        hub.stop_typing(&room(1), alice);
        assert_eq!(hub.typing_since(&room(1), 0, |_| false), Some(vec![]));
        tokio::time::sleep(Duration::from_secs(100)).await;
        let before = hub.newest();
        hub.start_typing(&room(2), alice, TYPING_MAX, members.clone());
        assert_eq!((hub.typing_since(&room(2), before, |_| false), hub.newest()), (None, before), "that is no news");
        tokio::time::sleep(Duration::from_secs(30)).await;
        assert_eq!(hub.shared.rooms.lock().held(), (1, 1, 10), "only what was renewed goes on");
        tokio::time::sleep(TYPING_MAX).await;
        assert_eq!(hub.shared.rooms.lock().held(), (0, 0, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn presence_wakes_no_more_than_so_many() {
        let waiters = Waiters::above(0);
        let hub = Ephemeral::new(waiters.clone(), MemoryBounds::AMPLE);
        let people: Vec<_> = (0..150).map(|number| OwnedUserId::try_from(format!("@{number}:h")).unwrap()).collect();
        let _waiting: Vec<_> = people.iter().map(|user| waiters.register(user)).collect();
        for expected in [100, 200, 300, 400, 500, 500] {
            hub.wake_some(people.clone());
            assert_eq!(hub.shared.woken.lock().count, expected);
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
        hub.wake_some([owned_user_id!("@nobody:h"), owned_user_id!("@1:h")]);
        assert_eq!(hub.shared.woken.lock().count, 1, "only who waits");
    }

    #[tokio::test]
    async fn typing_of_ignored_people_is_no_news() {
        let hub = Ephemeral::new(Waiters::above(0), MemoryBounds::AMPLE);
        let (room, bob, mallory) = (room_id!("!r:h"), user_id!("@bob:h"), user_id!("@mallory:h"));
        let typing = |since| hub.typing_since(room, since, |user| user == mallory);
        let begin = |user| hub.start_typing(room, user, TYPING_MAX, Vec::new());
        begin(mallory);
        assert_eq!(typing(0), None);
        begin(bob);
        let told = hub.newest();
        assert_eq!(typing(0), Some(vec![bob.to_owned()]));
        begin(mallory);
        hub.stop_typing(room, mallory);
        assert_eq!(typing(told), None);
        assert_eq!(typing(0), Some(vec![bob.to_owned()]), "bob still types");
        hub.stop_typing(room, bob);
        begin(mallory);
        assert_eq!(typing(told), Some(vec![]), "that bob stopped is news");
        assert_eq!(hub.typing_since(room, told, |_| false), Some(vec![mallory.to_owned()]));
    }
}
