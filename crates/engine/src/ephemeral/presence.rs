//! Whether people are there, as their clients say by syncing and as they say themselves.
//!
//! Nobody is there for longer than their clients say so: whose time is over is noticed when the next one asks for news.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap, HashMap},
    time::Duration,
};

use ruma::{DeviceId, OwnedDeviceId, OwnedUserId, UserId, presence::PresenceState};
use tokio::time::Instant;

/// People whose presence is held at once. Beyond it those who were active longest ago are forgotten.
const PEOPLE_MAX: usize = 100_000;
/// What a person takes beside the texts, bytes, roughly: with their place among the changes and among those whose time runs.
const PERSON_BYTES: usize = 384;
/// Devices by which one person is there. One more takes the place of the one whose time is over first.
const DEVICES_MAX: usize = 8;
/// What a device takes beside its id, bytes, roughly.
const DEVICE_BYTES: usize = 64;

/// What is told of one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Presence {
    /// Whether they are there.
    pub state: PresenceState,
    /// What they add to it.
    pub status_msg: Option<String>,
    /// When they were last active, milliseconds since the epoch.
    pub active_at_ms: u64,
}

/// A sign that somebody is there.
#[derive(Clone, Debug)]
pub struct Sign<'a> {
    /// The device that gives it.
    pub device: &'a DeviceId,
    /// What it says.
    pub state: PresenceState,
    /// For how long.
    pub lasting: Duration,
    /// When, milliseconds since the epoch.
    pub now_ms: u64,
}

/// The presence of everybody.
pub(super) struct People {
    by_id: HashMap<OwnedUserId, Person>,
    /// Who changed when, by the numbers of the changes.
    changes: BTreeMap<u64, OwnedUserId>,
    /// Whose time may be over when. It may have been put off meanwhile.
    due: BinaryHeap<Reverse<(Instant, OwnedUserId)>>,
    bytes: usize,
    /// What they may come to. Beyond it those who were active longest ago are forgotten too.
    bytes_max: usize,
}

#[derive(Default)]
struct Person {
    /// What they said themselves; whoever says that they are offline is so until they say something else.
    said: Option<PresenceState>,
    devices: Vec<Device>,
    status_msg: Option<String>,
    active_at_ms: u64,
    /// What is told.
    told: Option<PresenceState>,
    /// The number of the change by which that came about.
    change: u64,
    is_due: bool,
}

struct Device {
    id: OwnedDeviceId,
    state: PresenceState,
    until: Instant,
}

impl Person {
    fn state(&self) -> PresenceState {
        if self.said == Some(PresenceState::Offline) || self.devices.is_empty() {
            return PresenceState::Offline;
        }
        let is_active = self.devices.iter().any(|device| device.state == PresenceState::Online);
        if is_active && self.said != Some(PresenceState::Unavailable) {
            PresenceState::Online
        } else {
            PresenceState::Unavailable
        }
    }

    fn bytes(&self, user: &UserId) -> usize {
        let devices: usize = self.devices.iter().map(|device| DEVICE_BYTES + device.id.as_str().len()).sum();
        PERSON_BYTES + 3 * user.as_str().len() + devices + self.status_msg.as_ref().map_or(0, String::len)
    }

    fn take(&mut self, sign: &Sign<'_>, now: Instant) {
        self.devices.retain(|device| device.id != sign.device);
        if sign.state == PresenceState::Offline {
            return;
        }
        if self.devices.len() == DEVICES_MAX
            && let Some(first) = (0..DEVICES_MAX).min_by_key(|place| self.devices.get(*place).map(|device| device.until))
        {
            self.devices.swap_remove(first);
        }
        if sign.state == PresenceState::Online {
            self.active_at_ms = sign.now_ms;
        }
        self.devices.push(Device { id: sign.device.to_owned(), state: sign.state.clone(), until: now + sign.lasting });
    }

    fn presence(&self) -> Presence {
        let state = self.told.clone().unwrap_or(PresenceState::Offline);
        Presence { state, status_msg: self.status_msg.clone(), active_at_ms: self.active_at_ms }
    }
}

impl People {
    pub(super) fn new(bytes_max: usize) -> Self {
        let (by_id, changes, due) = (HashMap::new(), BTreeMap::new(), BinaryHeap::new());
        Self { by_id, changes, due, bytes: 0, bytes_max }
    }

    pub(super) fn get(&self, user: &UserId) -> Option<Presence> {
        self.by_id.get(user).map(Person::presence)
    }

    /// Those who changed after change number `since`, the newest first, at most `limit`.
    pub(super) fn since(&self, since: u64, limit: usize) -> Vec<(OwnedUserId, Presence)> {
        let newest = self.changes.range(since.saturating_add(1)..).rev().take(limit);
        newest.filter_map(|(_, user)| Some((user.clone(), self.get(user)?))).collect()
    }

    /// Takes a sign of a person, with what they say themselves: a state, and words that go with it. True when that is news.
    pub(super) fn take(
        &mut self,
        user: &UserId,
        sign: &Sign<'_>,
        said: Option<(PresenceState, Option<String>)>,
        change: impl FnOnce() -> u64,
    ) -> bool {
        let now = Instant::now();
        let mut person = self.remove(user);
        let mut is_news = false;
        if let Some((state, words)) = said {
            is_news = person.status_msg != words;
            (person.said, person.status_msg) = (Some(state), words);
        }
        person.take(sign, now);
        if !person.is_due && !person.devices.is_empty() {
            person.is_due = true;
            self.due.push(Reverse((now + sign.lasting, user.to_owned())));
        }
        self.put(user, person, is_news, change)
    }

    /// Ends the presence of those whose time is over.
    pub(super) fn end_due(&mut self, mut change: impl FnMut() -> u64) {
        let now = Instant::now();
        while self.due.peek().is_some_and(|Reverse((until, _))| *until <= now) {
            let Some(Reverse((_, user))) = self.due.pop() else { break };
            if !self.by_id.contains_key(&user) {
                continue;
            }
            let mut person = self.remove(&user);
            person.devices.retain(|device| device.until > now);
            person.is_due = false;
            if let Some(next) = person.devices.iter().map(|device| device.until).min() {
                person.is_due = true;
                self.due.push(Reverse((next, user.clone())));
            } else if person.said != Some(PresenceState::Offline) {
                person.said = None;
            }
            self.put(&user, person, false, &mut change);
        }
    }

    fn remove(&mut self, user: &UserId) -> Person {
        let Some(person) = self.by_id.remove(user) else { return Person::default() };
        self.bytes -= person.bytes(user);
        person
    }

    fn put(&mut self, user: &UserId, mut person: Person, is_news: bool, change: impl FnOnce() -> u64) -> bool {
        if person.told.is_none() && person.said.is_none() && person.devices.is_empty() && !is_news {
            // Nothing is known of them, and nothing is kept.
            return false;
        }
        let bytes = person.bytes(user);
        if self.by_id.len() >= PEOPLE_MAX || self.bytes + bytes > self.bytes_max {
            self.forget_older_half();
        }
        let state = person.state();
        // Of somebody who was never there it is no news that they are not.
        let is_news = is_news || *person.told.as_ref().unwrap_or(&PresenceState::Offline) != state;
        if is_news {
            self.changes.remove(&person.change);
            person.told = Some(state);
            person.change = change();
            self.changes.insert(person.change, user.to_owned());
        }
        self.bytes += bytes;
        self.by_id.insert(user.to_owned(), person);
        is_news
    }

    fn forget_older_half(&mut self) {
        let mut times: Vec<u64> = self.by_id.values().map(|person| person.active_at_ms).collect();
        let middle = times.len() / 2;
        if times.is_empty() {
            return;
        }
        let (_, median, _) = times.select_nth_unstable(middle);
        let median = *median;
        self.by_id.retain(|_, person| person.active_at_ms > median);
        let by_id = &self.by_id;
        self.changes.retain(|change, user| by_id.get(user).is_some_and(|person| person.change == *change));
        self.due.retain(|Reverse((_, user))| by_id.contains_key(user));
        self.bytes = self.by_id.iter().map(|(user, person)| person.bytes(user)).sum();
    }
}

#[cfg(test)]
mod tests {
    use ruma::user_id;

    use super::*;

    const BYTES_MAX: usize = 32 << 20;

    fn sign(device: &'static str, state: PresenceState, now_ms: u64) -> Sign<'static> {
        Sign { device: device.into(), state, lasting: Duration::from_secs(60), now_ms }
    }

    #[tokio::test(start_paused = true)]
    async fn long_words_push_old_ones_out() {
        let mut people = People::new(BYTES_MAX);
        for number in 0..60_000 {
            let user = OwnedUserId::try_from(format!("@{number}:h")).unwrap();
            let said = Some((PresenceState::Online, Some("x".repeat(1_024))));
            people.take(&user, &sign("PHONE", PresenceState::Online, number), said, || number + 1);
            assert!(people.bytes <= BYTES_MAX && people.by_id.contains_key(&user));
            assert_eq!(people.since(number, 2).len(), 1, "whoever is new is told of");
            assert!(people.changes.len() <= people.by_id.len() && people.due.len() <= people.by_id.len());
        }
        assert_eq!(people.bytes, people.by_id.iter().map(|(user, person)| person.bytes(user)).sum::<usize>());
    }

    #[tokio::test(start_paused = true)]
    async fn somebody_is_there_as_long_as_one_of_their_devices_says_so() {
        use PresenceState::{Offline, Online, Unavailable};
        let (alice, mut people) = (user_id!("@alice:h"), People::new(BYTES_MAX));
        let mut changes = 0;
        let mut now = |people: &mut People, change: Option<(&'static str, PresenceState)>, said: Option<PresenceState>| {
            let before = changes;
            let mut next = || {
                changes += 1;
                changes
            };
            people.end_due(&mut next);
            if let Some((device, state)) = change {
                people.take(alice, &sign(device, state, 1), said.map(|said| (said, None)), next);
            }
            let told = people.since(before, 9);
            assert!(told.len() <= 1 && people.due.len() <= 1, "{told:?}");
            told.first().map(|(_, presence)| presence.state.clone())
        };
        assert_eq!(now(&mut people, Some(("PHONE", Offline)), None), None, "that is how it was");
        assert!(people.by_id.is_empty() && people.bytes == 0);
        assert_eq!(now(&mut people, Some(("PHONE", Unavailable)), None), Some(Unavailable));
        assert_eq!(now(&mut people, Some(("DESK", Online)), None), Some(Online));
        assert_eq!(now(&mut people, Some(("DESK", Online)), None), None, "still");
        assert_eq!(now(&mut people, Some(("DESK", Unavailable)), None), Some(Unavailable));
        tokio::time::sleep(Duration::from_secs(40)).await;
        assert_eq!(now(&mut people, Some(("PHONE", Online)), None), Some(Online));
        tokio::time::sleep(Duration::from_secs(40)).await;
        assert_eq!(now(&mut people, None, None), None, "the phone is still there");
        tokio::time::sleep(Duration::from_secs(40)).await;
        assert_eq!(now(&mut people, None, None), Some(Offline));
        assert_eq!(now(&mut people, Some(("PHONE", Unavailable)), Some(Unavailable)), Some(Unavailable));
        assert_eq!(now(&mut people, Some(("DESK", Online)), None), None, "as they say themselves");
        assert_eq!(now(&mut people, Some(("PHONE", Offline)), Some(Offline)), Some(Offline));
        assert_eq!(now(&mut people, Some(("DESK", Online)), None), None, "until they say something else");
        assert_eq!(now(&mut people, Some(("DESK", Online)), Some(Online)), Some(Online));
    }
}
