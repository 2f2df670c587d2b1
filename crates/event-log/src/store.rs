//! The two ports to storage. Small on purpose, and shaped so that NATS JetStream can honour them as well as RocksDB:
//! ordered append with an expected last position, reads by position and by stream; and, apart from it, what was computed from
//! the records and could be computed again. Calls block; the log calls them from its own threads.

use std::sync::Arc;

use crate::fault::{AppendError, LogFault};
use crate::record::{Header, Position, Record};

/// What is written in one atomic, synced step.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// At most [`crate::MAX_BATCH_RECORDS`], in order.
    pub records: Vec<Record>,
    /// Positions whose payloads are deleted with the same step; unknown ones are ignored.
    pub erase: Vec<Position>,
}

/// A signed checkpoint as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredCheckpoint {
    /// Number of records that it covers.
    pub size: u64,
    /// Position of the last of them.
    pub position: Position,
    /// The signed note, C2SP `tlog-checkpoint`.
    pub note: String,
}

/// The records of one log. One conformance suite ([`crate::conformance`]) runs on every implementation.
pub trait RecordStore: Send + Sync + 'static {
    /// Appends and syncs all of `batch`, or nothing. `expected` is the position of the last record, `None` for an
    /// empty log.
    ///
    /// # Errors
    /// [`AppendError::Conflict`] when the last record is another one; the rest as named.
    fn append(&self, batch: &Batch, expected: Option<Position>) -> Result<(), AppendError>;

    /// Up to `limit` records at or after `from`, in order, of one stream or of all.
    ///
    /// # Errors
    /// [`LogFault::Damaged`] or [`LogFault::Torn`] name the first record that cannot be given.
    fn read(&self, from: Position, limit: usize, stream: Option<&str>) -> Result<Vec<Record>, LogFault>;

    /// Headers only: what the tree is made from, and what a follower checks. Same order as [`RecordStore::read`].
    ///
    /// # Errors
    /// As [`RecordStore::read`].
    fn read_headers(&self, from: Position, limit: usize) -> Result<Vec<Header>, LogFault> {
        Ok(self.read(from, limit, None)?.into_iter().map(|record| record.header).collect())
    }

    /// Position of the last record, whole or not; `None` for an empty log. Storage is asked anew: what another process had
    /// appended and synced when this was called counts, and later reads through this handle give it.
    ///
    /// # Errors
    /// When storage does not answer.
    fn head(&self) -> Result<Option<Position>, LogFault>;

    /// Deletes every record after `keep`: what is left of a torn append.
    ///
    /// # Errors
    /// When storage does not answer.
    fn cut(&self, keep: Position) -> Result<(), LogFault>;
}

/// The tree over the records' headers and the checkpoints that were signed. All but the signatures can be made again.
pub trait TreeStore: Send + Sync + 'static {
    /// Stores tree nodes (in stored-hash order from index `first`) and the checkpoint that they complete, in one step.
    /// Need not be synced. Writing the same nodes twice is no error.
    ///
    /// # Errors
    /// As [`RecordStore::append`], without `Conflict`.
    fn extend(&self, first: u64, nodes: &[[u8; 32]], checkpoint: &StoredCheckpoint) -> Result<(), AppendError>;

    /// The tree nodes at `indexes`, as many as asked for.
    ///
    /// # Errors
    /// When one is missing.
    fn nodes(&self, indexes: &[u64]) -> Result<Vec<[u8; 32]>, LogFault>;

    /// Up to `limit` checkpoints of at least `size` records, by rising size.
    ///
    /// # Errors
    /// When storage does not answer.
    fn checkpoints(&self, size: u64, limit: usize) -> Result<Vec<StoredCheckpoint>, LogFault>;

    /// The checkpoint of the greatest size.
    ///
    /// # Errors
    /// When storage does not answer.
    fn last_checkpoint(&self) -> Result<Option<StoredCheckpoint>, LogFault>;
}

/// Where one log is kept. Made of two stores, or of one that is both.
#[derive(Clone)]
pub struct Stores {
    /// Its records.
    pub records: Arc<dyn RecordStore>,
    /// Their tree.
    pub tree: Arc<dyn TreeStore>,
}

impl<S: RecordStore + TreeStore> From<Arc<S>> for Stores {
    fn from(store: Arc<S>) -> Self {
        Self { records: Arc::clone(&store) as _, tree: store }
    }
}
