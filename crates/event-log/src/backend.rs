//! The port to storage. Small on purpose, and shaped so that NATS JetStream can honour it as well as RocksDB:
//! ordered append with an expected last position, reads by position and by stream, and a corner for the tree.
//! Calls block; the log calls them from its own threads.

use crate::payload::NoRandomness;
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

/// Storage could not give what it holds, or holds something broken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// A record is there but wrong.
    #[error("record {position} is damaged: {what}")]
    Damaged {
        /// Which record.
        position: Position,
        /// What is wrong with it.
        what: String,
    },
    /// A record was not written to its end.
    #[error("record {position} is cut off")]
    Torn {
        /// Which record.
        position: Position,
    },
    /// Not reachable now; may be again.
    #[error("storage is unavailable: {0}")]
    Unavailable(String),
    /// Anything else that the storage says.
    #[error("storage failed: {0}")]
    Storage(String),
}

/// Why nothing was appended.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AppendError {
    /// The log's head is not where the caller expected it.
    #[error("another writer appended first")]
    Conflict,
    /// Not reachable now; may be again.
    #[error("storage is unavailable: {0}")]
    Unavailable(String),
    /// No room; appending works again by itself when room returns.
    #[error("storage is full")]
    Full,
    /// Storage is broken.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// There was nothing to make salts of.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

/// Storage of one log. One conformance suite ([`crate::conformance`]) runs on every implementation.
pub trait Backend: Send + Sync + 'static {
    /// Appends and syncs all of `batch`, or nothing. `expected` is the position of the last record, `None` for an
    /// empty log.
    ///
    /// # Errors
    /// [`AppendError::Conflict`] when the last record is another one; the rest as named.
    fn append(&self, batch: &Batch, expected: Option<Position>) -> Result<(), AppendError>;

    /// Up to `limit` records at or after `from`, in order, of one stream or of all.
    ///
    /// # Errors
    /// [`Fault::Damaged`] or [`Fault::Torn`] name the first record that cannot be given.
    fn read(&self, from: Position, limit: usize, stream: Option<&str>) -> Result<Vec<Record>, Fault>;

    /// Headers only: what the tree is made from. Same order and errors as [`Backend::read`].
    ///
    /// # Errors
    /// As [`Backend::read`].
    fn read_headers(&self, from: Position, limit: usize) -> Result<Vec<Header>, Fault> {
        Ok(self.read(from, limit, None)?.into_iter().map(|record| record.header).collect())
    }

    /// Position of the last record, whole or not; `None` for an empty log.
    ///
    /// # Errors
    /// When storage does not answer.
    fn head(&self) -> Result<Option<Position>, Fault>;

    /// Deletes every record after `keep`. Used once, at opening, on a torn tail.
    ///
    /// # Errors
    /// When storage does not answer.
    fn cut(&self, keep: Position) -> Result<(), Fault>;

    /// Stores tree nodes (in stored-hash order from index `first`) and the checkpoint that they complete, in one step.
    /// Need not be synced: both can be computed again. Writing the same nodes twice is no error.
    ///
    /// # Errors
    /// As [`Backend::append`], without `Conflict`.
    fn extend_tree(&self, first: u64, nodes: &[[u8; 32]], checkpoint: &StoredCheckpoint) -> Result<(), AppendError>;

    /// The tree nodes at `indexes`, as many as asked for.
    ///
    /// # Errors
    /// When one is missing.
    fn tree_nodes(&self, indexes: &[u64]) -> Result<Vec<[u8; 32]>, Fault>;

    /// Up to `limit` checkpoints of at least `size` records, by rising size.
    ///
    /// # Errors
    /// When storage does not answer.
    fn checkpoints(&self, size: u64, limit: usize) -> Result<Vec<StoredCheckpoint>, Fault>;

    /// The checkpoint of the greatest size.
    ///
    /// # Errors
    /// When storage does not answer.
    fn last_checkpoint(&self) -> Result<Option<StoredCheckpoint>, Fault>;
}
