//! Keeping the tree over a log's headers: it grows behind the records, its roots are signed as checkpoints, and tiles and
//! proofs come from it. `tree` has the arithmetic.

use std::sync::Arc;

use parking_lot::Mutex;

use crate::chain::Tip;
use crate::checkpoint::Checkpoint;
use crate::clock::Clock;
use crate::fault::{AppendError, LogFault};
use crate::key::{LogKey, PublicKey};
use crate::open_error::OpenError;
use crate::reader::Reader;
use crate::record::{Header, Position};
use crate::recovery;
use crate::store::{StoredCheckpoint, Stores, TreeStore};
use crate::tile::TileId;
use crate::tree::{self, Proof};

/// Records after which the writer makes a checkpoint. A group can add 999 more before it looks, so that there are
/// never more than 10,000 records without one.
pub const CHECKPOINT_EVERY: u64 = 9_000;
/// Records whose headers are read at once to catch the tree up.
const TREE_PAGE: usize = 4_096;

/// The tree of a log, and the key that signs its checkpoints. Cheap to clone.
#[derive(Clone)]
pub struct TreeKeeper {
    inner: Arc<Inner>,
}

struct Inner {
    reader: Reader,
    store: Arc<dyn TreeStore>,
    key: LogKey,
    clock: Arc<dyn Clock>,
    /// Hashes of the last headers, so that a checkpoint need not read them again.
    leaves: Mutex<Leaves>,
    /// Held while the tree grows: the writer's thread and whoever asks for a checkpoint take turns.
    growing: Mutex<()>,
}

#[derive(Default)]
struct Leaves {
    /// Number of records before the first hash.
    before: u64,
    hashes: Vec<[u8; 32]>,
}

impl Leaves {
    const fn after(count: u64) -> Self {
        Self { before: count, hashes: Vec::new() }
    }

    const fn end(&self) -> u64 {
        self.before + self.hashes.len() as u64
    }
}

impl std::fmt::Debug for TreeKeeper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TreeKeeper").field("log", &self.inner.reader).finish_non_exhaustive()
    }
}

impl TreeKeeper {
    /// Opens the tree of a log that another process may be writing, to export, verify and prove; changes nothing.
    ///
    /// # Errors
    /// As [`OpenError`] says.
    pub fn open_read_only(stores: impl Into<Stores>, key: LogKey, clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        let stores = stores.into();
        let reader = Reader::open(stores.records)?;
        recovery::check_key(reader.records().as_ref(), reader.head(), key.public())?;
        Ok(Self::new(reader, stores.tree, key, clock))
    }

    pub(crate) fn new(reader: Reader, store: Arc<dyn TreeStore>, key: LogKey, clock: Arc<dyn Clock>) -> Self {
        let leaves = Mutex::new(Leaves::after(reader.tip().count));
        Self { inner: Arc::new(Inner { reader, store, key, clock, leaves, growing: Mutex::new(()) }) }
    }

    /// The same tree, signed by another key from now on.
    pub(crate) fn with_key(&self, key: LogKey) -> Self {
        let Inner { reader, store, clock, .. } = self.inner.as_ref();
        Self::new(reader.clone(), Arc::clone(store), key, Arc::clone(clock))
    }

    /// Reads the log.
    #[must_use]
    pub fn reader(&self) -> &Reader {
        &self.inner.reader
    }

    /// The public half of the key that signs now.
    #[must_use]
    pub fn public_key(&self) -> PublicKey {
        self.inner.key.public()
    }

    pub(crate) fn key(&self) -> &LogKey {
        &self.inner.key
    }

    pub(crate) fn store(&self) -> &dyn TreeStore {
        self.inner.store.as_ref()
    }

    pub(crate) fn now_ms(&self) -> u64 {
        self.inner.clock.now_ms()
    }

    /// Takes the hashes of headers that were appended behind `before`.
    pub(crate) fn remember(&self, before: Tip, hashes: &[[u8; 32]]) {
        let mut leaves = self.inner.leaves.lock();
        if leaves.end() != before.count {
            *leaves = Leaves::after(before.count);
        }
        leaves.hashes.extend_from_slice(hashes);
        // Without checkpoints (a full disk) the cache must not grow for ever; the headers can be read again.
        if leaves.hashes.len() as u64 > 2 * CHECKPOINT_EVERY {
            *leaves = Leaves::after(leaves.end());
        }
    }

    /// The newest checkpoint that there is.
    ///
    /// # Errors
    /// When storage does not answer.
    pub fn last_checkpoint(&self) -> Result<Option<StoredCheckpoint>, LogFault> {
        self.store().last_checkpoint()
    }

    /// Up to `limit` checkpoints of at least `size` records, by rising size.
    ///
    /// # Errors
    /// When storage does not answer.
    pub fn checkpoints(&self, size: u64, limit: usize) -> Result<Vec<StoredCheckpoint>, LogFault> {
        self.store().checkpoints(size, limit)
    }

    /// Brings the tree up to the last record and signs a checkpoint. Does nothing when there is one already.
    ///
    /// # Errors
    /// When storage does not take it; nothing is lost then but the checkpoint.
    pub fn checkpoint(&self) -> Result<Option<StoredCheckpoint>, AppendError> {
        let _alone = self.inner.growing.lock();
        let tip = self.inner.reader.tip();
        let mut last = self.last_checkpoint()?;
        loop {
            let (size, position) = last.as_ref().map_or((0, Position::ZERO), |last| (last.size, last.position));
            if size >= tip.count {
                return Ok(last);
            }
            last = Some(self.grow(size, position, tip)?);
        }
    }

    /// One step of [`TreeKeeper::checkpoint`]: all cached leaves, or one page of headers read again.
    fn grow(&self, size: u64, position: Position, tip: Tip) -> Result<StoredCheckpoint, AppendError> {
        let (leaves, position) = match self.cached_leaves(size, tip) {
            Some(leaves) => (leaves, tip.position),
            None => {
                let mut headers = self.inner.reader.records().read_headers(position.next(), TREE_PAGE)?;
                // Storage can hold more than is acknowledged, and that may be cut off again.
                headers.retain(|header| header.position <= tip.position);
                let end = headers.last().ok_or_else(|| LogFault::Storage("headers are missing".to_owned()))?.position;
                (headers.iter().map(Header::hash).collect(), end)
            }
        };
        let growth = tree::grow(self.store(), size, &leaves)?;
        let checkpoint = Checkpoint {
            origin: self.inner.reader.origin().to_owned(),
            size: size + leaves.len() as u64,
            root: growth.root,
            at_ms: self.now_ms().max(tip.at_ms),
            position,
        };
        let stored = checkpoint.sign(&self.inner.key).map_err(LogFault::Storage)?;
        self.store().extend(growth.first, &growth.nodes, &stored)?;
        Ok(stored)
    }

    /// The leaves between a tree of `size` and `tip`, if all of them are in memory. What was appended behind `tip` meanwhile
    /// stays there.
    fn cached_leaves(&self, size: u64, tip: Tip) -> Option<Vec<[u8; 32]>> {
        let mut cache = self.inner.leaves.lock();
        let skip = usize::try_from(size.checked_sub(cache.before)?).ok()?;
        let until = usize::try_from(tip.count.checked_sub(cache.before)?).ok()?;
        let leaves = cache.hashes.get(skip..until)?.to_vec();
        let rest = cache.hashes.split_off(until);
        *cache = Leaves { before: tip.count, hashes: rest };
        Some(leaves)
    }

    /// The hashes of a tile of the newest checkpoint's tree, one after the other, 32 bytes each
    /// (<https://c2sp.org/tlog-tiles>). Nothing when that tree does not fill the tile. What is given once never changes.
    ///
    /// # Errors
    /// When storage does not answer.
    pub fn tile(&self, id: &TileId) -> Result<Option<Vec<u8>>, LogFault> {
        let size = self.last_checkpoint()?.map_or(0, |last| last.size);
        tree::tile(self.store(), size, id)
    }

    /// Proof that the record of this `count` is in the checkpoint of `size`.
    ///
    /// # Errors
    /// When there is no such record or checkpoint, or storage does not answer.
    pub fn prove_inclusion(&self, size: u64, count: u64) -> Result<Proof, LogFault> {
        tree::inclusion(self.store(), size, count)
    }

    /// Proof that the checkpoint of `size` continues the one of `old_size`.
    ///
    /// # Errors
    /// As [`TreeKeeper::prove_inclusion`].
    pub fn prove_consistency(&self, size: u64, old_size: u64) -> Result<Proof, LogFault> {
        tree::consistency(self.store(), size, old_size)
    }
}
