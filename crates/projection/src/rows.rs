//! The port to row storage: ordered byte keys, point-in-time reads, atomic batches. Not the typed view on top (`Table`).

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use crate::{Remedy, ViewFault, range::successor};

/// Row writes of one atomic commit: `Some` puts the value, `None` deletes the row.
pub type Writes = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

/// Called with key and value of each row of a scan; `Break` ends the scan early.
pub type Visit<'v> = dyn FnMut(&[u8], &[u8]) -> ControlFlow<()> + 'v;

/// The order in which a scan visits keys, compared byte by byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Smallest key first.
    Ascending,
    /// Largest key first.
    Descending,
}

/// Rows as they were at one moment.
pub trait Rows: Send + Sync {
    /// The value at `key`, or `None` when there is no such row.
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, ViewFault>;

    /// Visits the rows with `from <= key < to`. A range that is empty or turned around visits nothing.
    fn scan(&self, from: &[u8], to: &[u8], order: Order, visit: &mut Visit<'_>) -> Result<(), ViewFault>;

    /// As [`Rows::get`], of a row that is read with every request and seldom changes: what keeps it in memory may answer. With
    /// `also_absent` that there is no row is kept as well.
    fn get_held(&self, key: &[u8], _also_absent: bool) -> Result<Option<Vec<u8>>, ViewFault> {
        self.get(key)
    }

    /// Visits every row whose key begins with `prefix`, which is whole parts of it, smallest key first. These are rows that
    /// are read with every request and seldom change: what keeps them in memory may answer.
    fn scan_held(&self, prefix: &[u8], visit: &mut Visit<'_>) -> Result<(), ViewFault> {
        self.scan(prefix, &successor(prefix.to_vec()), Order::Ascending, visit)
    }

    /// False when there is certainly no row whose key is `prefix` and a position after `position`. `prefix` is of a table
    /// by position. Rows that do not keep track of that say true.
    fn may_be_after(&self, _prefix: &[u8], _position: u64) -> bool {
        true
    }

    /// How many rows there are whose key is `prefix` and a position after `position`, counted no further than `limit`, if
    /// that is known without reading. `prefix` is of a table by position.
    fn count_after(&self, _prefix: &[u8], _position: u64, _limit: usize) -> Option<usize> {
        None
    }
}

/// The rows of a storage that is not open, or whose rows must not be read: every read is a fault that reopening helps
/// against.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoRows;

impl NoRows {
    /// The fault.
    #[must_use]
    pub fn fault() -> ViewFault {
        ViewFault::new("the views are being brought up to date").with_remedy(Remedy::Reopen)
    }
}

impl Rows for NoRows {
    fn get(&self, _: &[u8]) -> Result<Option<Vec<u8>>, ViewFault> {
        Err(Self::fault())
    }

    fn scan(&self, _: &[u8], _: &[u8], _: Order, _: &mut Visit<'_>) -> Result<(), ViewFault> {
        Err(Self::fault())
    }
}

/// Where rows are kept. One process holds one store.
pub trait RowStore: Send + Sync + 'static {
    /// A consistent view of everything committed so far; later commits do not show in it.
    fn snapshot(&self) -> Box<dyn Rows + '_>;

    /// Applies all of `writes` or none of them, also when the process dies halfway.
    ///
    /// Commits become durable in the order they were made, but not before [`RowStore::flush`]: after a crash the store
    /// may be some whole commits behind. That is enough, because the tail is folded again from the log.
    fn commit(&self, writes: &Writes) -> Result<(), ViewFault>;

    /// Deletes every row with `from <= key < to`. It keeps its place in the order of commits.
    fn delete_range(&self, from: &[u8], to: &[u8]) -> Result<(), ViewFault>;

    /// Makes everything committed so far durable.
    fn flush(&self) -> Result<(), ViewFault>;

    /// Opens the storage anew after it failed, emptied if `remedy` says so. Commits since the last flush may be gone
    /// afterwards. Snapshots that are still held keep it from happening, for a moment or with a fault.
    fn mend(&self, remedy: Remedy) -> Result<(), ViewFault>;
}
