//! What sliding sync connections have told their clients, in memory only. After a restart some are made anew from their `pos`.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use parking_lot::Mutex;
use ruma::{OwnedDeviceId, OwnedUserId};
use views::sync::sliding::Connection;

use crate::sender::Sender;

/// Connections of one device.
pub(crate) const PER_DEVICE_MAX: usize = 8;
/// Bytes of all connections of one person, and never more than a quarter of everybody's. Over it those that were not used for longest
/// have to start anew.
pub(crate) const PERSON_BYTES_MAX: usize = 16 << 20;
/// People with connections. One over and the half that was not used for longest has to start anew.
const PEOPLE_MAX: usize = 20_000;

/// The connections of all people. Cheap to clone.
#[derive(Clone)]
pub struct Connections {
    inner: Arc<Inner>,
}

struct Inner {
    people: Mutex<People>,
    /// Numbers responses, so that a `pos` of one connection is never one of another.
    next: AtomicU64,
}

struct People {
    by_id: HashMap<OwnedUserId, OfPerson>,
    /// Of all their connections.
    bytes: usize,
    /// Over it, too, the half that was not used for longest has to start anew.
    bytes_max: usize,
}

/// A connection's device and its name.
type Name = (OwnedDeviceId, String);

#[derive(Default)]
struct OfPerson {
    used: u64,
    connections: HashMap<Name, Told>,
}

/// The last two things told: the client may not have got the newer one, and then asks again from the older.
#[derive(Default)]
struct Told {
    used: u64,
    newest: Option<Memory>,
    before: Option<Memory>,
}

/// What was told up to a `pos`.
struct Memory {
    pos: u64,
    connection: Arc<Connection>,
    bytes: usize,
}

impl Told {
    fn at(&self, pos: u64) -> Option<Arc<Connection>> {
        let both = [&self.newest, &self.before].into_iter().flatten();
        both.filter(|memory| memory.pos == pos).map(|memory| Arc::clone(&memory.connection)).next()
    }

    fn tell(&mut self, from: Option<u64>, told: Memory) {
        self.used = told.pos;
        // What the client came from stays, for the case that this response is lost.
        let newest = self.newest.take();
        self.before = [newest, self.before.take()].into_iter().flatten().find(|memory| Some(memory.pos) == from);
        self.newest = Some(told);
    }

    fn bytes(&self) -> usize {
        [&self.newest, &self.before].into_iter().flatten().map(|memory| memory.bytes).sum()
    }
}

impl OfPerson {
    fn bytes(&self) -> usize {
        self.connections.values().map(Told::bytes).sum()
    }

    /// Drops the connection that was not used for longest, of one device or of all.
    fn drop_oldest(&mut self, device: Option<&OwnedDeviceId>) {
        let of_device = self.connections.iter().filter(|((of, _), _)| device.is_none_or(|device| device == of));
        let oldest = of_device.min_by_key(|(_, told)| told.used).map(|(name, _)| name.clone());
        oldest.and_then(|name| self.connections.remove(&name));
    }

    fn tell(&mut self, name: Name, from: Option<u64>, told: Memory, bytes_max: usize) {
        self.used = told.pos;
        let of_device = self.connections.keys().filter(|(device, _)| *device == name.0).count();
        if of_device >= PER_DEVICE_MAX && !self.connections.contains_key(&name) {
            self.drop_oldest(Some(&name.0));
        }
        self.connections.entry(name).or_default().tell(from, told);
        while self.bytes() > bytes_max {
            self.drop_oldest(None);
        }
    }
}

impl People {
    fn new(bytes_max: usize) -> Self {
        Self { by_id: HashMap::new(), bytes: 0, bytes_max }
    }

    fn tell(&mut self, user_id: &OwnedUserId, name: Name, from: Option<u64>, told: Memory) {
        if self.by_id.len() >= PEOPLE_MAX && !self.by_id.contains_key(user_id) {
            self.forget_older_half();
        }
        let of_one = of_one(self.bytes_max);
        let person = self.by_id.entry(user_id.clone()).or_default();
        let before = person.bytes();
        person.tell(name, from, told, of_one);
        self.bytes = self.bytes - before + person.bytes();
        while self.bytes > self.bytes_max {
            self.forget_older_half();
        }
    }

    fn forget_older_half(&mut self) {
        let mut uses: Vec<u64> = self.by_id.values().map(|person| person.used).collect();
        let middle = uses.len() / 2;
        let (_, median, _) = uses.select_nth_unstable(middle);
        let median = *median;
        self.by_id.retain(|_, person| person.used > median);
        self.bytes = self.by_id.values().map(OfPerson::bytes).sum();
    }
}

impl Connections {
    /// None yet. All together take at most so many bytes.
    #[must_use]
    pub fn new(bytes_max: usize) -> Self {
        Self { inner: Arc::new(Inner { people: Mutex::new(People::new(bytes_max)), next: AtomicU64::new(0) }) }
    }

    /// What the connection had told when it gave out `pos`; none when that is not known (any more).
    pub(super) fn at(&self, sender: &Sender, conn_id: &str, pos: u64) -> Option<Arc<Connection>> {
        let people = self.inner.people.lock();
        people.by_id.get(&sender.user_id)?.connections.get(&name(sender, conn_id))?.at(pos)
    }

    /// Remembers what was told after `from`, and gives the new `pos`.
    pub(super) fn told(&self, sender: &Sender, conn_id: &str, from: Option<u64>, connection: Connection) -> u64 {
        let pos = self.inner.next.fetch_add(1, Ordering::Relaxed) + 1;
        let told = Memory { pos, bytes: connection.bytes(), connection: Arc::new(connection) };
        self.inner.people.lock().tell(&sender.user_id, name(sender, conn_id), from, told);
        pos
    }
}

/// Bytes of one person when those of all may come to so many.
pub(crate) const fn of_one(bytes_max: usize) -> usize {
    if bytes_max / 4 < PERSON_BYTES_MAX { bytes_max / 4 } else { PERSON_BYTES_MAX }
}

fn name(sender: &Sender, conn_id: &str) -> Name {
    (sender.device_id.clone(), conn_id.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL_BYTES_MAX: usize = 256 << 20;

    fn tell(people: &mut People, user: usize, device: usize, pos: u64, bytes: usize) {
        let user_id = OwnedUserId::try_from(format!("@{user}:h")).unwrap();
        let name = (format!("D{device}").into(), String::new());
        people.tell(&user_id, name, None, Memory { pos, bytes, connection: Arc::default() });
    }

    #[test]
    fn connections_take_no_more_than_their_budgets_of_a_person_and_in_all() {
        let mut people = People::new(ALL_BYTES_MAX);
        let (part, parts) = (PERSON_BYTES_MAX / 4, 2 * ALL_BYTES_MAX / PERSON_BYTES_MAX);
        for pos in 0..4 * 2 * parts as u64 {
            let user = usize::try_from(pos).unwrap() % parts;
            tell(&mut people, user, usize::try_from(pos).unwrap() / parts, pos, part);
            assert!(people.bytes <= ALL_BYTES_MAX, "{}", people.bytes);
            assert_eq!(people.bytes, people.by_id.values().map(OfPerson::bytes).sum::<usize>());
            let newest = people.by_id.values().flat_map(|person| person.connections.values()).any(|told| told.used == pos);
            assert!(newest, "whoever was told something is remembered");
        }
        (0..9).for_each(|device| tell(&mut people, 0, 100 + device, 1_000 + device as u64, part));
        assert_eq!(people.by_id.values().map(OfPerson::bytes).max(), Some(PERSON_BYTES_MAX), "the others' are not touched");
    }
}
