//! A row store that remembers where its newest rows are, so that most questions for something newer read nothing.

use std::sync::Arc;

use event_log::Position;

use crate::{
    Order, Remedy, RowStore, Rows, ViewFault, Visit, Writes,
    newest::Newest,
    table::{POSITION_BYTES, is_by_position},
};

/// Wraps a [`RowStore`]. Rows of tables by position are noted by their keys as they are committed.
pub struct Recent {
    store: Arc<dyn RowStore>,
    newest: Newest<Vec<u8>>,
}

impl Recent {
    /// Wraps `store`. Rows of positions up to `floor` may be in it already, and nothing is known of them.
    #[must_use]
    pub fn above(floor: Position, store: Arc<dyn RowStore>) -> Self {
        Self { store, newest: Newest::above(floor.0) }
    }
}

impl RowStore for Recent {
    fn snapshot(&self) -> Box<dyn Rows + '_> {
        Box::new(RecentRows { rows: self.store.snapshot(), newest: &self.newest })
    }

    fn commit(&self, writes: &Writes) -> Result<(), ViewFault> {
        // Before the commit, because nobody may read a row that is not noted. A note without a row does no harm.
        for (key, _) in writes.iter().filter(|(key, value)| value.is_some() && is_by_position(key)) {
            if let Some((prefix, position)) = key.split_last_chunk::<POSITION_BYTES>() {
                self.newest.note(prefix.to_vec(), u64::from_be_bytes(*position));
            }
        }
        self.store.commit(writes)
    }

    fn delete_range(&self, from: &[u8], to: &[u8]) -> Result<(), ViewFault> {
        self.store.delete_range(from, to)
    }

    fn flush(&self) -> Result<(), ViewFault> {
        self.store.flush()
    }

    fn mend(&self, remedy: Remedy) -> Result<(), ViewFault> {
        self.store.mend(remedy)
    }
}

struct RecentRows<'s> {
    rows: Box<dyn Rows + 's>,
    newest: &'s Newest<Vec<u8>>,
}

impl Rows for RecentRows<'_> {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, ViewFault> {
        self.rows.get(key)
    }

    fn scan(&self, from: &[u8], to: &[u8], order: Order, visit: &mut Visit<'_>) -> Result<(), ViewFault> {
        self.rows.scan(from, to, order, visit)
    }

    fn may_be_after(&self, prefix: &[u8], position: u64) -> bool {
        self.newest.may_be_after(prefix, position)
    }
}
