//! What people say about whether they are there.

use std::collections::HashMap;

use parking_lot::Mutex;
use ruma::{OwnedUserId, UserId, presence::PresenceState};

/// People whose presence is held at once. Beyond it those who were active longest ago are forgotten.
const PEOPLE_MAX: usize = 100_000;

/// What one person last said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Presence {
    /// Whether they are there.
    pub state: PresenceState,
    /// What they add to it.
    pub status_msg: Option<String>,
    /// When they said so, milliseconds since the epoch.
    pub active_at_ms: u64,
}

/// The presence of everybody.
#[derive(Default)]
pub(super) struct People {
    known: Mutex<HashMap<OwnedUserId, Presence>>,
}

impl People {
    pub(super) fn get(&self, user: &UserId) -> Option<Presence> {
        self.known.lock().get(user).cloned()
    }

    pub(super) fn set(&self, user: &UserId, presence: Presence) {
        let mut known = self.known.lock();
        if known.len() >= PEOPLE_MAX && !known.contains_key(user) {
            let mut times: Vec<u64> = known.values().map(|presence| presence.active_at_ms).collect();
            let (_, median, _) = times.select_nth_unstable(PEOPLE_MAX / 2);
            let median = *median;
            known.retain(|_, presence| presence.active_at_ms > median);
        }
        known.insert(user.to_owned(), presence);
    }
}
