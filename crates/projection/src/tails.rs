//! The newest positions under the prefixes that were counted lately, in memory and bounded: counts what is newer than a
//! position without reading rows.
//!
//! What it says is exact for the snapshot that asks, or it says nothing.

use std::collections::{HashMap, VecDeque};

use parking_lot::RwLock;

/// Prefixes remembered, at most two kibibytes each. One over, and all are forgotten: they come back as they are counted.
const PREFIXES_MAX: usize = 4_096;
/// Positions remembered of a prefix: a hundred for who counts that far, and some that came since the snapshot that asks.
const POSITIONS_MAX: usize = 125;

/// Where the newest rows of some prefixes are.
#[derive(Debug, Default)]
pub(crate) struct Tails {
    tails: RwLock<HashMap<Vec<u8>, Tail>>,
}

#[derive(Debug)]
struct Tail {
    /// Every row after `known_after`: its position, in order, and the number of the commit that put it there.
    rows: VecDeque<(u64, u64)>,
    known_after: u64,
    /// Number of the last commit that deleted one.
    deleted: u64,
}

impl Tail {
    fn put(&mut self, position: u64, commit: u64) {
        let Err(place) = self.rows.binary_search_by_key(&position, |row| row.0) else { return };
        if position <= self.known_after {
            return;
        }
        self.rows.insert(place, (position, commit));
        if self.rows.len() > POSITIONS_MAX
            && let Some((oldest, _)) = self.rows.pop_front()
        {
            self.known_after = oldest;
        }
    }

    fn delete(&mut self, position: u64, commit: u64) {
        self.deleted = commit;
        if let Ok(place) = self.rows.binary_search_by_key(&position, |row| row.0) {
            self.rows.remove(place);
        }
    }

    /// As [`Tails::count`].
    fn count(&self, position: u64, limit: usize, commits: u64) -> Option<usize> {
        let newer = self.rows.iter().rev().take_while(|row| row.0 > position).filter(|row| row.1 <= commits).count();
        let is_known = position >= self.known_after || newer >= limit;
        (is_known && self.deleted <= commits).then_some(newer.min(limit))
    }
}

/// A change of one row: its prefix, its position, and whether it is there afterwards.
pub(crate) type Change<'k> = (&'k [u8], u64, bool);

impl Tails {
    /// Takes in what commit number `commit` changes. To be called before anybody can read it.
    pub(crate) fn note<'k>(&self, commit: u64, changes: impl Iterator<Item = Change<'k>>) {
        let mut tails = self.tails.write();
        if tails.is_empty() {
            return;
        }
        for (prefix, position, is_there) in changes {
            if let Some(tail) = tails.get_mut(prefix) {
                if is_there { tail.put(position, commit) } else { tail.delete(position, commit) }
            }
        }
    }

    /// Nothing is known any more: rows have changed in other ways than by commits that were noted.
    pub(crate) fn forget(&self) {
        self.tails.write().clear();
    }

    /// Rows of `prefix` after `position`, counted no further than `limit`, as a snapshot has them that was made after
    /// `commits` commits. None when that is not known; from then on newer rows of the prefix are remembered, of which
    /// `newest` says after which position they are.
    pub(crate) fn count(
        &self,
        prefix: &[u8],
        position: u64,
        limit: usize,
        commits: u64,
        newest: impl FnOnce() -> u64,
    ) -> Option<usize> {
        if let Some(tail) = self.tails.read().get(prefix) {
            return tail.count(position, limit, commits);
        }
        let mut tails = self.tails.write();
        if tails.len() >= PREFIXES_MAX {
            tails.clear();
        }
        // Asked with the lock held: a commit tells of its newest positions before it takes the lock.
        let tail = Tail { rows: VecDeque::new(), known_after: newest(), deleted: 0 };
        tails.entry(prefix.to_vec()).or_insert(tail);
        None
    }
}
