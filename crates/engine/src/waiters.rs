//! Wakes exactly the people whom new facts touch. A waiting poll holds one entry here and nothing else.

use std::{collections::HashMap, sync::Arc};

use parking_lot::Mutex;
use ruma::{OwnedUserId, UserId};
use tokio::sync::Notify;

/// Everyone who waits for something new.
#[derive(Clone, Default)]
pub struct Waiters {
    waiting: Arc<Mutex<HashMap<OwnedUserId, Arc<Notify>>>>,
}

/// One person's place among those who wait. Make it before reading rows, so that nothing falls in between.
pub struct Waiter {
    user: OwnedUserId,
    notify: Arc<Notify>,
    waiters: Waiters,
}

impl Waiters {
    /// A place for `user`.
    #[must_use]
    pub fn register(&self, user: &UserId) -> Waiter {
        let notify = Arc::clone(self.waiting.lock().entry(user.to_owned()).or_default());
        Waiter { user: user.to_owned(), notify, waiters: self.clone() }
    }

    /// Wakes every poll of `user`.
    pub fn wake(&self, user: &UserId) {
        let notify = self.waiting.lock().get(user).cloned();
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
        let mut waiting = self.waiters.waiting.lock();
        // Two holders are the table and this waiter: nobody else waits for this person.
        if Arc::strong_count(&self.notify) == 2 {
            waiting.remove(&self.user);
        }
    }
}
