//! The newest position known of each of many keys, in memory and bounded: answers "nothing newer" without reading rows.
//!
//! It may only err on one side: it says "perhaps" of a key that has nothing newer, never "nothing" of one that has.

use std::{borrow::Borrow, collections::HashMap, hash::Hash};

use parking_lot::RwLock;

/// Keys remembered. One over, and the half with the older positions is forgotten.
const KEYS_MAX: usize = 50_000;

/// The newest position of each key. Of a key that is not remembered it is no newer than the floor.
#[derive(Debug)]
pub struct Newest<K> {
    known: RwLock<Known<K>>,
}

#[derive(Debug)]
struct Known<K> {
    positions: HashMap<K, u64>,
    floor: u64,
}

impl<K: Eq + Hash> Newest<K> {
    /// Knows nothing of what happened up to position `floor`.
    #[must_use]
    pub fn above(floor: u64) -> Self {
        Self { known: RwLock::new(Known { positions: HashMap::new(), floor }) }
    }

    /// Takes in that something of `key` is at `position`. To be called before anybody can read it.
    pub fn note(&self, key: K, position: u64) {
        let mut known = self.known.write();
        let newest = known.positions.entry(key).or_default();
        *newest = position.max(*newest);
        if known.positions.len() > KEYS_MAX {
            known.forget_older_half();
        }
    }

    /// Takes in that there may be something of any key up to position `floor`.
    pub fn forget_through(&self, floor: u64) {
        let mut known = self.known.write();
        known.floor = known.floor.max(floor);
    }

    /// False when `key` certainly has nothing after `position`.
    #[must_use]
    pub fn may_be_after<Q: Eq + Hash + ?Sized>(&self, key: &Q, position: u64) -> bool
    where
        K: Borrow<Q>,
    {
        position < self.bound(key)
    }

    /// The position after which `key` certainly has nothing.
    pub(crate) fn bound<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> u64
    where
        K: Borrow<Q>,
    {
        let known = self.known.read();
        known.positions.get(key).copied().unwrap_or_default().max(known.floor)
    }
}

impl<K: Eq + Hash> Known<K> {
    fn forget_older_half(&mut self) {
        let mut positions: Vec<u64> = self.positions.values().copied().collect();
        let middle = positions.len() / 2;
        let (_, median, _) = positions.select_nth_unstable(middle);
        self.floor = self.floor.max(*median);
        self.positions.retain(|_, position| *position > self.floor);
    }
}

#[cfg(test)]
mod tests {
    use super::{KEYS_MAX, Newest};

    #[test]
    fn what_is_below_the_floor_is_not_known() {
        let newest = Newest::<&str>::above(10);
        assert!(newest.may_be_after("a", 9));
        assert!(!newest.may_be_after("a", 10));
        newest.note("a", 12);
        newest.note("a", 11);
        assert!(newest.may_be_after("a", 11));
        assert!(!newest.may_be_after("a", 12));
        assert!(!newest.may_be_after("b", 11));
    }

    #[test]
    fn what_is_forgotten_may_be_anywhere_up_to_there() {
        let newest = Newest::<&str>::above(10);
        newest.forget_through(20);
        assert!(newest.may_be_after("a", 19));
        assert!(!newest.may_be_after("a", 20));
    }

    #[test]
    fn forgetting_raises_the_floor_and_never_denies_what_is_there() {
        let newest = Newest::above(0);
        let keys = KEYS_MAX as u64 + 1;
        for key in 1..=keys {
            newest.note(key, key);
        }
        for key in 1..=keys {
            assert!(newest.may_be_after(&key, key - 1), "{key}");
        }
        assert!(!newest.may_be_after(&keys, keys));
        assert!(newest.may_be_after(&0, 1), "nothing is known below the floor any more");
    }
}
