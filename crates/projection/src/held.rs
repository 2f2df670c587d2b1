//! Rows that are read with every request and seldom change, in memory and bounded: whose session a token is, a person's
//! rooms, a room's people.
//!
//! What it says is exact for the snapshot that asks, or it says nothing.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Bound,
    sync::Arc,
};

use parking_lot::RwLock;

use crate::range::successor;

/// Bytes of the held rows under one prefix. Where there are more they are read.
pub const HELD_PREFIX_BYTES_MAX: usize = 128 << 10;
/// What a row takes beside its key and value.
const ROW_BYTES: usize = 32;
/// What a prefix takes beside its rows and its own bytes.
const PREFIX_BYTES: usize = 256;

/// Rows under one prefix, by key.
#[derive(Clone, Debug, Default)]
pub(crate) struct RowsUnder {
    rows: Vec<(Vec<u8>, Vec<u8>)>,
    bytes: usize,
}

impl RowsUnder {
    /// One more, whose key is larger than those before. Past the bound the rows before it are let go.
    pub(crate) fn push(&mut self, key: &[u8], value: &[u8]) {
        self.bytes = self.bytes.saturating_add(key.len() + value.len() + ROW_BYTES);
        if self.is_too_large() {
            self.rows = Vec::new();
        } else {
            self.rows.push((key.to_vec(), value.to_vec()));
        }
    }

    /// The rows.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.rows.iter().map(|(key, value)| (key.as_slice(), value.as_slice()))
    }

    /// The value at `key`, which begins with the prefix.
    pub(crate) fn get(&self, key: &[u8]) -> Option<&[u8]> {
        let place = self.rows.binary_search_by(|row| row.0.as_slice().cmp(key)).ok()?;
        self.rows.get(place).map(|row| row.1.as_slice())
    }

    const fn is_too_large(&self) -> bool {
        self.bytes > HELD_PREFIX_BYTES_MAX
    }
}

#[derive(Debug)]
struct Entry {
    rows: Arc<RowsUnder>,
    /// Commits after which the rows were read. No later one that is noted changed them.
    commits: u64,
}

/// All rows under some prefixes, none of which begins with another.
#[derive(Debug)]
pub(crate) struct Held {
    /// Bytes of all rows that are held. One over, and all are let go: what is in use comes back as it is read.
    bytes_max: usize,
    inner: RwLock<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    under: BTreeMap<Vec<u8>, Entry>,
    /// View and table of what is or was held: writes to other tables need no look.
    tables: BTreeSet<[u8; 2]>,
    bytes: usize,
    /// The last commit that was noted.
    noted: u64,
}

impl Held {
    /// Holds nothing yet.
    pub(crate) fn new(bytes_max: usize) -> Self {
        Self { bytes_max, inner: RwLock::default() }
    }

    /// Takes in which rows commit number `commit` changes. To be called before anybody can read it.
    pub(crate) fn note<'k>(&self, commit: u64, keys: impl Iterator<Item = &'k [u8]>) {
        let mut inner = self.inner.write();
        inner.noted = commit;
        for key in keys {
            if inner.has_table_of(key) {
                inner.let_go_of(key);
            }
        }
    }

    /// As [`Held::note`], of a change of any rows.
    pub(crate) fn note_all(&self, commit: u64) {
        let mut inner = self.inner.write();
        inner.noted = commit;
        inner.let_all_go();
    }

    /// All rows under `prefix`, or under a prefix that it begins with, as a snapshot has them that was made after
    /// `commits` commits. None when that is not known.
    pub(crate) fn rows(&self, prefix: &[u8], commits: u64) -> Option<Arc<RowsUnder>> {
        let inner = self.inner.read();
        let (_, entry) = inner.over(prefix)?;
        (entry.commits <= commits).then(|| Arc::clone(&entry.rows))
    }

    /// Whether rows as they were after `commits` commits can still be held.
    pub(crate) fn takes(&self, commits: u64) -> bool {
        self.inner.read().noted == commits
    }

    /// Holds all rows under `prefix`, as a snapshot has them that was made after `commits` commits. It may have later ones
    /// in it too; but none is noted, or nothing is held.
    pub(crate) fn hold(&self, prefix: &[u8], rows: RowsUnder, commits: u64) {
        let mut inner = self.inner.write();
        let Some(table) = prefix.first_chunk().copied() else { return };
        if inner.noted != commits || rows.is_too_large() || inner.over(prefix).is_some() {
            return;
        }
        inner.let_go_under(prefix);
        let bytes = PREFIX_BYTES + prefix.len() + rows.bytes;
        if inner.bytes + bytes > self.bytes_max {
            inner.let_all_go();
        }
        inner.bytes += bytes;
        inner.tables.insert(table);
        inner.under.insert(prefix.to_vec(), Entry { rows: Arc::new(rows), commits });
    }
}

impl Inner {
    fn has_table_of(&self, key: &[u8]) -> bool {
        key.first_chunk::<2>().is_some_and(|table| self.tables.contains(table))
    }

    /// The prefix that `key` begins with. As no prefix begins with another, it is the last one before `key`.
    fn over(&self, key: &[u8]) -> Option<(&Vec<u8>, &Entry)> {
        let before = (Bound::Unbounded, Bound::Included(key));
        self.under.range::<[u8], _>(before).next_back().filter(|(prefix, _)| key.starts_with(prefix))
    }

    fn let_go_of(&mut self, key: &[u8]) {
        if let Some(prefix) = self.over(key).map(|(prefix, _)| prefix.clone()) {
            self.remove(&prefix);
        }
    }

    /// Lets go of the prefixes that begin with `prefix`.
    fn let_go_under(&mut self, prefix: &[u8]) {
        let end = successor(prefix.to_vec());
        let within = (Bound::Included(prefix), Bound::Excluded(end.as_slice()));
        let inside: Vec<_> = self.under.range::<[u8], _>(within).map(|(inside, _)| inside.clone()).collect();
        for inside in inside {
            self.remove(&inside);
        }
    }

    fn remove(&mut self, prefix: &[u8]) {
        if let Some(entry) = self.under.remove(prefix) {
            self.bytes = self.bytes.saturating_sub(PREFIX_BYTES + prefix.len() + entry.rows.bytes);
        }
    }

    fn let_all_go(&mut self) {
        self.under.clear();
        self.bytes = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::{HELD_PREFIX_BYTES_MAX, Held, RowsUnder};

    const HELD_BYTES_MAX: usize = 16 << 20;

    fn rows_of(prefix: &[u8], bytes: usize) -> RowsUnder {
        let mut rows = RowsUnder::default();
        rows.push(prefix, &vec![0; bytes]);
        rows
    }

    #[test]
    fn what_is_held_stays_within_its_bytes() {
        let held = Held::new(HELD_BYTES_MAX);
        for number in 0..1_000_u32 {
            let prefix = [[1, 1].as_slice(), &number.to_be_bytes()].concat();
            held.hold(&prefix, rows_of(&prefix, HELD_PREFIX_BYTES_MAX / 2), 0);
            let inner = held.inner.read();
            assert!(inner.bytes <= HELD_BYTES_MAX);
            assert_eq!(inner.bytes == 0, inner.under.is_empty());
            assert!(inner.under.contains_key(&prefix));
        }
        held.hold(&[1, 1, 9], rows_of(&[1, 1, 9], HELD_PREFIX_BYTES_MAX), 0);
        assert!(held.rows(&[1, 1, 9], 0).is_none(), "too much under one prefix");
        held.note_all(1);
        assert_eq!(held.inner.read().bytes, 0);
    }

    #[test]
    fn what_a_noted_commit_may_have_changed_is_not_held() {
        let held = Held::new(HELD_BYTES_MAX);
        held.hold(&[1, 1, 7], rows_of(&[1, 1, 7, 1], 1), 0);
        held.note(1, std::iter::once([1, 1, 7, 2].as_slice()));
        assert!(held.rows(&[1, 1, 7], 1).is_none(), "a row came under it");
        held.hold(&[1, 1, 7], rows_of(&[1, 1, 7, 1], 1), 0);
        assert!(held.rows(&[1, 1, 7], 1).is_none(), "the snapshot may have the commit in it, or not");
        held.hold(&[1, 1, 7], rows_of(&[1, 1, 7, 1], 1), 1);
        assert!(held.rows(&[1, 1, 7], 0).is_none(), "what an older snapshot has is not known");
        assert!(held.rows(&[1, 1, 7, 1], 1).is_some(), "part of it");
        assert!(held.rows(&[1, 1], 1).is_none(), "more than it");
    }
}
