//! A row store that remembers where its newest rows are, so that most questions for something newer read nothing.

use std::sync::Arc;

use event_log::Position;

use crate::{
    Order, Remedy, RowStore, Rows, ViewFault, Visit, Writes,
    newest::Newest,
    table::{POSITION_BYTES, is_by_position},
    tails::{Change, Tails},
};

/// Wraps a [`RowStore`]. Rows of tables by position are noted by their keys as they are committed.
pub struct Recent {
    store: Arc<dyn RowStore>,
    newest: Newest<Vec<u8>>,
    tails: Tails,
}

/// The rows of tables by position among `writes`.
fn changes(writes: &Writes) -> impl Iterator<Item = Change<'_>> {
    writes.iter().filter(|(key, _)| is_by_position(key)).filter_map(|(key, value)| {
        let (prefix, position) = key.split_last_chunk::<POSITION_BYTES>()?;
        Some((prefix, u64::from_be_bytes(*position), value.is_some()))
    })
}

impl Recent {
    /// Wraps `store`. Rows of positions up to `floor` may be in it already, and nothing is known of them.
    #[must_use]
    pub fn above(floor: Position, store: Arc<dyn RowStore>) -> Self {
        Self { store, newest: Newest::above(floor.0), tails: Tails::default() }
    }
}

impl RowStore for Recent {
    fn snapshot(&self) -> Box<dyn Rows + '_> {
        let commits = self.tails.commits();
        Box::new(RecentRows { rows: self.store.snapshot(), recent: self, commits })
    }

    fn commit(&self, writes: &Writes) -> Result<(), ViewFault> {
        // Before the commit, because nobody may read a row that is not noted. A note without a row does no harm.
        for (prefix, position, _) in changes(writes).filter(|(_, _, is_there)| *is_there) {
            self.newest.note(prefix.to_vec(), position);
        }
        self.tails.note(changes(writes));
        let committed = self.store.commit(writes);
        match committed {
            Ok(()) => self.tails.done(),
            Err(_) => self.tails.forget(),
        }
        committed
    }

    fn delete_range(&self, from: &[u8], to: &[u8]) -> Result<(), ViewFault> {
        let deleted = self.store.delete_range(from, to);
        self.tails.forget();
        deleted
    }

    fn flush(&self) -> Result<(), ViewFault> {
        self.store.flush()
    }

    fn mend(&self, remedy: Remedy) -> Result<(), ViewFault> {
        let mended = self.store.mend(remedy);
        self.tails.forget();
        mended
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

    fn may_be_after(&self, prefix: &[u8], position: u64) -> bool {
        self.recent.newest.may_be_after(prefix, position)
    }

    fn count_after(&self, prefix: &[u8], position: u64, limit: usize) -> Option<usize> {
        let Recent { newest, tails, .. } = self.recent;
        tails.count(prefix, position, limit, self.commits, || newest.bound(prefix))
    }
}
