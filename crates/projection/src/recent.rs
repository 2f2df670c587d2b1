//! A row store that remembers where its newest rows are and what is read with every request, so that most of these reads
//! read nothing.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use event_log::Position;

use crate::{
    Order, Remedy, RowStore, Rows, ViewFault, Visit, Writes,
    held::{Held, RowsUnder},
    newest::Newest,
    range::successor,
    table::{POSITION_BYTES, is_by_position},
    tails::{Change, Tails},
};

/// Wraps a [`RowStore`], to which one thread writes. Rows of tables by position are noted by their keys as they are committed.
pub struct Recent {
    store: Arc<dyn RowStore>,
    newest: Newest<Vec<u8>>,
    tails: Tails,
    held: Held,
    /// Commits that are done: a snapshot that is made now has them in it.
    commits: AtomicU64,
}

/// The rows of tables by position among `writes`.
fn changes(writes: &Writes) -> impl Iterator<Item = Change<'_>> {
    writes.iter().filter(|(key, _)| is_by_position(key)).filter_map(|(key, value)| {
        let (prefix, position) = key.split_last_chunk::<POSITION_BYTES>()?;
        Some((prefix, u64::from_be_bytes(*position), value.is_some()))
    })
}

impl Recent {
    /// Wraps `store`. Rows of positions up to `floor` may be in it already, and nothing is known of them. At most `held_bytes_max`
    /// bytes of rows that are read with every request stay in memory.
    #[must_use]
    pub fn above(floor: Position, store: Arc<dyn RowStore>, held_bytes_max: usize) -> Self {
        let (newest, tails, held) = (Newest::above(floor.0), Tails::default(), Held::new(held_bytes_max));
        Self { store, newest, tails, held, commits: AtomicU64::new(0) }
    }

    fn commits(&self) -> u64 {
        self.commits.load(Ordering::SeqCst)
    }

    /// Does what may change any row, and forgets what was known of them. It counts as a commit, so that nobody holds what a
    /// snapshot from before it says.
    fn change_all<T>(&self, change: impl FnOnce(&dyn RowStore) -> T) -> T {
        self.held.note_all(self.commits() + 1);
        let changed = change(&*self.store);
        self.tails.forget();
        self.commits.fetch_add(1, Ordering::SeqCst);
        changed
    }
}

impl RowStore for Recent {
    fn snapshot(&self) -> Box<dyn Rows + '_> {
        let commits = self.commits();
        Box::new(RecentRows { rows: self.store.snapshot(), recent: self, commits })
    }

    fn commit(&self, writes: &Writes) -> Result<(), ViewFault> {
        // Before the commit, because nobody may read a row that is not noted. A note without a row does no harm.
        for (prefix, position, _) in changes(writes).filter(|(_, _, is_there)| *is_there) {
            self.newest.note(prefix.to_vec(), position);
        }
        let commit = self.commits() + 1;
        self.tails.note(commit, changes(writes));
        self.held.note(commit, writes.keys().map(Vec::as_slice));
        let committed = self.store.commit(writes);
        if committed.is_err() {
            // Nobody knows what of it is there.
            self.tails.forget();
            self.held.note_all(commit);
        }
        self.commits.store(commit, Ordering::SeqCst);
        committed
    }

    fn delete_range(&self, from: &[u8], to: &[u8]) -> Result<(), ViewFault> {
        self.change_all(|store| store.delete_range(from, to))
    }

    fn flush(&self) -> Result<(), ViewFault> {
        self.store.flush()
    }

    fn mend(&self, remedy: Remedy) -> Result<(), ViewFault> {
        self.change_all(|store| store.mend(remedy))
    }
}

struct RecentRows<'s> {
    rows: Box<dyn Rows + 's>,
    recent: &'s Recent,
    /// Commits that are in the rows; perhaps more are.
    commits: u64,
}

impl Rows for RecentRows<'_> {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, ViewFault> {
        self.rows.get(key)
    }

    fn scan(&self, from: &[u8], to: &[u8], order: Order, visit: &mut Visit<'_>) -> Result<(), ViewFault> {
        self.rows.scan(from, to, order, visit)
    }

    fn get_held(&self, key: &[u8], also_absent: bool) -> Result<Option<Vec<u8>>, ViewFault> {
        let Recent { held, .. } = self.recent;
        if let Some(rows) = held.rows(key, self.commits) {
            return Ok(rows.get(key).map(<[u8]>::to_vec));
        }
        let found = self.get(key)?;
        if found.is_some() || also_absent {
            let mut rows = RowsUnder::default();
            found.iter().for_each(|value| rows.push(key, value));
            held.hold(key, rows, self.commits);
        }
        Ok(found)
    }

    fn scan_held(&self, prefix: &[u8], visit: &mut Visit<'_>) -> Result<(), ViewFault> {
        let Recent { held, .. } = self.recent;
        if let Some(rows) = held.rows(prefix, self.commits) {
            let _ = rows.iter().filter(|(key, _)| key.starts_with(prefix)).try_for_each(|(key, value)| visit(key, value));
            return Ok(());
        }
        let mut all = held.takes(self.commits).then(RowsUnder::default);
        self.scan(prefix, &successor(prefix.to_vec()), Order::Ascending, &mut |key, value| {
            if let Some(rows) = &mut all {
                rows.push(key, value);
            }
            let flow = visit(key, value);
            if flow.is_break() {
                all = None;
            }
            flow
        })?;
        if let Some(rows) = all {
            held.hold(prefix, rows, self.commits);
        }
        Ok(())
    }

    fn may_be_after(&self, prefix: &[u8], position: u64) -> bool {
        self.recent.newest.may_be_after(prefix, position)
    }

    fn count_after(&self, prefix: &[u8], position: u64, limit: usize) -> Option<usize> {
        let Recent { newest, tails, .. } = self.recent;
        tails.count(prefix, position, limit, self.commits, || newest.bound(prefix))
    }
}
