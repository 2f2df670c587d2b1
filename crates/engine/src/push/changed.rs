//! Whose pushers may have changed since somebody looked. Who looks is in the file above.

use std::{collections::BTreeSet, time::Duration};

use parking_lot::Mutex;
use ruma::{OwnedUserId, UserId};
use tokio::sync::Notify;

/// People who are remembered by name; if there are more, everybody is looked at.
const PEOPLE_MAX: usize = 1_000;

/// Whose pushers may have changed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Changed {
    /// Anybody's.
    All,
    /// Those of these people.
    Of(BTreeSet<OwnedUserId>),
}

/// Remembers it until somebody looks.
pub(crate) struct Pushers {
    changed: Mutex<Changed>,
    waiting: Notify,
}

impl Default for Pushers {
    fn default() -> Self {
        Self { changed: Mutex::new(Changed::Of(BTreeSet::new())), waiting: Notify::new() }
    }
}

impl Pushers {
    /// Somebody has another pusher.
    pub(crate) fn note(&self, user_id: &UserId) {
        let mut changed = self.changed.lock();
        if let Changed::Of(people) = &mut *changed {
            people.insert(user_id.to_owned());
            if people.len() > PEOPLE_MAX {
                *changed = Changed::All;
            }
        }
        drop(changed);
        self.waiting.notify_one();
    }

    /// Anybody may have another pusher.
    pub(crate) fn note_all(&self) {
        self.look_later();
        self.waiting.notify_one();
    }

    /// The same, for somebody who could not look just now.
    pub(crate) fn look_later(&self) {
        *self.changed.lock() = Changed::All;
    }

    /// Wakes who waits, so that they see whether there is anything to wait for.
    pub(crate) fn wake(&self) {
        self.waiting.notify_one();
    }

    /// Whose may have changed since this was called last.
    pub(crate) fn take(&self) -> Changed {
        std::mem::replace(&mut *self.changed.lock(), Changed::Of(BTreeSet::new()))
    }

    /// Waits until somebody's may have changed. While it could be anybody's, it waits so long at most.
    pub(crate) async fn wait(&self, at_most: Duration) {
        let is_due = matches!(*self.changed.lock(), Changed::All);
        if is_due {
            let _woken = tokio::time::timeout(at_most, self.waiting.notified()).await;
        } else {
            self.waiting.notified().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use ruma::{OwnedUserId, user_id};

    use super::{Changed, PEOPLE_MAX, Pushers};

    #[test]
    fn people_are_remembered_by_name_until_there_are_many() {
        let pushers = Pushers::default();
        let alice = user_id!("@alice:h");
        for _ in 0..2 {
            pushers.note(alice);
        }
        assert_eq!(pushers.take(), Changed::Of([alice.to_owned()].into()));
        assert_eq!(pushers.take(), Changed::Of([].into()));
        for number in 0..=PEOPLE_MAX {
            pushers.note(&OwnedUserId::try_from(format!("@{number}:h")).unwrap());
        }
        pushers.note(alice);
        assert_eq!(pushers.take(), Changed::All);
    }
}
