//! Wakes exactly the people whom new facts touch. A waiting poll holds one entry here and nothing else.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use parking_lot::Mutex;
use projection::Newest;
use ruma::{OwnedUserId, UserId};
use tokio::sync::Notify;

/// Everyone who waits for something new.
#[derive(Clone)]
pub struct Waiters {
    shared: Arc<Shared>,
}

struct Shared {
    waiting: Mutex<HashMap<OwnedUserId, Arc<Notify>>>,
    /// The newest fact that touched each person.
    touched: Newest<OwnedUserId>,
    /// Whether nobody is to wait any more.
    is_ending: AtomicBool,
}

/// One person's place among those who wait. Make it before reading rows, so that nothing falls in between.
pub struct Waiter {
    user: OwnedUserId,
    notify: Arc<Notify>,
    waiters: Waiters,
}

impl Waiters {
    /// Nobody waits. Whom facts up to position `floor` have touched is not known.
    #[must_use]
    pub fn above(floor: u64) -> Self {
        let touched = Newest::above(floor);
        Self { shared: Arc::new(Shared { waiting: Mutex::default(), touched, is_ending: AtomicBool::new(false) }) }
    }

    /// A place for `user`.
    #[must_use]
    pub fn register(&self, user: &UserId) -> Waiter {
        let notify = Arc::clone(self.shared.waiting.lock().entry(user.to_owned()).or_default());
        Waiter { user: user.to_owned(), notify, waiters: self.clone() }
    }

    /// Wakes every poll of `user`, whom the fact at `position` has touched.
    pub fn touch(&self, user: OwnedUserId, position: u64) {
        let notify = self.shared.waiting.lock().get(&user).cloned();
        // First, so that who is woken and asks finds it.
        self.shared.touched.note(user, position);
        if let Some(notify) = notify {
            notify.notify_waiters();
        }
    }

    /// Wakes everybody, because whom the facts up to `position` have touched could not be told.
    pub fn touch_everybody(&self, position: u64) {
        // First, so that who is woken and asks finds it.
        self.shared.touched.forget_through(position);
        self.wake_everybody();
    }

    /// Wakes everybody for good: the server stops, and whoever waits is to be answered with what there is.
    pub fn end(&self) {
        // First, so that who is woken finds it.
        self.shared.is_ending.store(true, Ordering::SeqCst);
        self.wake_everybody();
    }

    /// Whether waiting has ended. Ask after a wake was enabled, so that none is missed.
    #[must_use]
    pub fn is_ending(&self) -> bool {
        self.shared.is_ending.load(Ordering::SeqCst)
    }

    fn wake_everybody(&self) {
        let waiting: Vec<_> = self.shared.waiting.lock().values().cloned().collect();
        waiting.iter().for_each(|notify| notify.notify_waiters());
    }

    /// False when no fact after `position` has touched `user`; one that was just folded may still be about to, and wakes
    /// whoever is registered by then.
    #[must_use]
    pub fn may_be_touched(&self, user: &UserId, position: u64) -> bool {
        self.shared.touched.may_be_after(user, position)
    }

    /// Whether a poll of `user` waits just now.
    #[must_use]
    pub fn is_waiting(&self, user: &UserId) -> bool {
        self.shared.waiting.lock().contains_key(user)
    }

    /// Wakes every poll of `user`.
    pub fn wake(&self, user: &UserId) {
        let notify = self.shared.waiting.lock().get(user).cloned();
        if let Some(notify) = notify {
            notify.notify_waiters();
        }
    }
}

impl Waiter {
    /// The next wake. A wake that comes after this call is not missed, even when it comes before the await, once the
    /// future was enabled (see `tokio::sync::futures::Notified::enable`).
    pub fn woken(&self) -> tokio::sync::futures::Notified<'_> {
        self.notify.notified()
    }
}

impl Drop for Waiter {
    fn drop(&mut self) {
        let mut waiting = self.waiters.shared.waiting.lock();
        // Two holders are the table and this waiter: nobody else waits for this person.
        if Arc::strong_count(&self.notify) == 2 {
            waiting.remove(&self.user);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{future::Future, pin::pin, task::Context, task::Poll, task::Waker};

    use ruma::user_id;

    use super::{Waiter, Waiters};

    /// Whether somebody who waits through `change` is woken by it.
    fn is_woken(waiter: &Waiter, change: impl FnOnce()) -> bool {
        let mut woken = pin!(waiter.woken());
        let mut context = Context::from_waker(Waker::noop());
        assert_eq!(woken.as_mut().poll(&mut context), Poll::Pending);
        change();
        woken.poll(&mut context).is_ready()
    }

    #[test]
    fn only_who_is_touched_is_woken() {
        let waiters = Waiters::above(7);
        let (alice, bob) = (user_id!("@alice:hearth.test"), user_id!("@bob:hearth.test"));
        let (of_alice, of_bob) = (waiters.register(alice), waiters.register(bob));
        assert!(!is_woken(&of_alice, || waiters.touch(bob.to_owned(), 8)));
        assert!(is_woken(&of_bob, || waiters.touch(bob.to_owned(), 9)));
        assert!(!waiters.may_be_touched(alice, 7));
        assert!(waiters.may_be_touched(bob, 8) && !waiters.may_be_touched(bob, 9));
    }

    #[test]
    fn everybody_is_woken_and_looks_when_it_is_not_known_who_was_touched() {
        let waiters = Waiters::above(7);
        let people = [user_id!("@alice:hearth.test"), user_id!("@bob:hearth.test")];
        let waiting = people.map(|user| waiters.register(user));
        for (user, waiter) in people.iter().zip(&waiting) {
            assert!(is_woken(waiter, || waiters.touch_everybody(9)));
            assert!(waiters.may_be_touched(user, 8) && !waiters.may_be_touched(user, 9));
        }
    }

    #[test]
    fn everybody_is_woken_and_told_when_waiting_ends() {
        let waiters = Waiters::above(0);
        let waiter = waiters.register(user_id!("@alice:hearth.test"));
        assert!(!waiters.is_ending());
        assert!(is_woken(&waiter, || waiters.end()));
        assert!(waiters.is_ending());
    }

    #[test]
    fn nobody_is_kept_who_waits_no_more() {
        let waiters = Waiters::above(0);
        let first = waiters.register(user_id!("@alice:hearth.test"));
        let second = waiters.register(user_id!("@alice:hearth.test"));
        drop(first);
        assert!(waiters.is_waiting(user_id!("@alice:hearth.test")) && !waiters.is_waiting(user_id!("@bob:hearth.test")));
        assert!(is_woken(&second, || waiters.wake(user_id!("@alice:hearth.test"))));
        drop(second);
        assert!(waiters.shared.waiting.lock().is_empty());
    }
}
