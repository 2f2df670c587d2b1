//! What people say about whether they are there.

use std::collections::HashMap;

use parking_lot::Mutex;
use ruma::{OwnedUserId, UserId, presence::PresenceState};

/// People whose presence is held at once. Beyond it those who were active longest ago are forgotten.
const PEOPLE_MAX: usize = 100_000;
/// What a person takes beside the texts, bytes, roughly.
const PERSON_BYTES: usize = 128;

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
pub(super) struct People {
    known: Mutex<Known>,
}

struct Known {
    by_id: HashMap<OwnedUserId, Presence>,
    bytes: usize,
    /// What they may come to. Beyond it those who were active longest ago are forgotten too.
    bytes_max: usize,
}

impl People {
    pub(super) fn new(bytes_max: usize) -> Self {
        Self { known: Mutex::new(Known::new(bytes_max)) }
    }

    pub(super) fn get(&self, user: &UserId) -> Option<Presence> {
        self.known.lock().by_id.get(user).cloned()
    }

    pub(super) fn set(&self, user: &UserId, presence: Presence) {
        self.known.lock().set(user, presence);
    }
}

impl Known {
    fn new(bytes_max: usize) -> Self {
        Self { by_id: HashMap::new(), bytes: 0, bytes_max }
    }

    fn set(&mut self, user: &UserId, presence: Presence) {
        let new = bytes_of(user, &presence);
        let old = self.by_id.get(user).map_or(0, |before| bytes_of(user, before));
        if (old == 0 && self.by_id.len() >= PEOPLE_MAX) || self.bytes - old + new > self.bytes_max {
            self.forget_older_half();
        }
        let before = self.by_id.insert(user.to_owned(), presence);
        self.bytes = self.bytes + new - before.map_or(0, |before| bytes_of(user, &before));
    }

    fn forget_older_half(&mut self) {
        let mut times: Vec<u64> = self.by_id.values().map(|presence| presence.active_at_ms).collect();
        let middle = times.len() / 2;
        let (_, median, _) = times.select_nth_unstable(middle);
        let median = *median;
        self.by_id.retain(|_, presence| presence.active_at_ms > median);
        self.bytes = self.by_id.iter().map(|(user, presence)| bytes_of(user, presence)).sum();
    }
}

fn bytes_of(user: &UserId, presence: &Presence) -> usize {
    PERSON_BYTES + user.as_str().len() + presence.status_msg.as_ref().map_or(0, String::len)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BYTES_MAX: usize = 32 << 20;

    #[test]
    fn long_words_push_old_ones_out() {
        let mut known = Known::new(BYTES_MAX);
        for number in 0..60_000 {
            let user = OwnedUserId::try_from(format!("@{number}:h")).unwrap();
            let status_msg = Some("x".repeat(1_024));
            known.set(&user, Presence { state: PresenceState::Online, status_msg, active_at_ms: number });
            assert!(known.bytes <= BYTES_MAX && known.by_id.contains_key(&user));
        }
    }
}
