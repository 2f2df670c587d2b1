//! The open log: its end, its key, reads, checkpoints and proofs. Appending is the `writer`'s work; only the records
//! that a log needs to begin, to change its key or to start an epoch are written here, before any writer runs.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;

use crate::backend::{AppendError, Backend, Fault, StoredCheckpoint};
use crate::chain::{Linked, Prepared, Tip, link};
use crate::checkpoint::{Checkpoint, origin_is_valid};
use crate::key::{LogKey, PublicKey};
use crate::kinds::{self, Epoch, Genesis, KeyRotated};
use crate::payload::{Salts, SystemSalts};
use crate::record::{Draft, LOG_STREAM, MAX_BATCH_RECORDS, Position, Record};
use crate::recovery::{self, Recovery};
use crate::tile::TileId;
use crate::tree::{self, Proof};

/// Records after which the writer makes a checkpoint. A group can add 999 more before it looks, so that there are
/// never more than 10,000 records without one.
pub const CHECKPOINT_EVERY: u64 = 9_000;
/// Records whose headers are read at once to catch the tree up.
const TREE_PAGE: usize = 4_096;

/// Where time comes from.
pub trait Clock: Send + Sync {
    /// Milliseconds since the epoch.
    fn now_ms(&self) -> u64;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one clock of the log that reads the machine's time")]
    fn now_ms(&self) -> u64 {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    }
}

/// Why a log does not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A record that is not the torn end is wrong.
    #[error(
        "the log is damaged at position {position}: {what}. Nothing was changed. Run `log verify` to see how far it is \
         whole, then restore it from a backup or import an export"
    )]
    Damaged {
        /// First damaged record.
        position: Position,
        /// What is wrong.
        what: String,
    },
    /// Fewer records than a checkpoint has promised: the storage was set back.
    #[error(
        "the log ends at record {count}, but its last checkpoint covers {size}: acknowledged records are missing. \
         Restore it from a backup"
    )]
    SetBack {
        /// Records there.
        count: u64,
        /// Records promised.
        size: u64,
    },
    /// The folder holds a log of another name.
    #[error("the log belongs to `{found}`, not to `{wanted}`")]
    OtherOrigin {
        /// As the genesis record says.
        found: String,
        /// As the caller says.
        wanted: String,
    },
    /// The key is not the one that signs the end of the log.
    #[error("the log's last record is not signed by the key {key}: is this the key file that belongs to it?")]
    OtherKey {
        /// The key that was given.
        key: PublicKey,
    },
    /// The origin cannot be a name in signed notes.
    #[error("`{0}` cannot name a log: it must not be empty, longer than 255 bytes, or hold spaces or `+`")]
    BadOrigin(String),
    /// A log that is only read must be there already.
    #[error("there is no log to read")]
    Empty,
    /// The first record could not be written.
    #[error("the log cannot be started: {0}")]
    Append(#[from] AppendError),
    /// Storage does not answer.
    #[error(transparent)]
    Storage(Fault),
}

impl From<Fault> for OpenError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Damaged { position, what } => Self::Damaged { position, what },
            Fault::Torn { position } => Self::Damaged { position, what: "the record is cut off".to_owned() },
            other => Self::Storage(other),
        }
    }
}

pub(crate) struct Inner {
    pub(crate) backend: Arc<dyn Backend>,
    pub(crate) key: LogKey,
    pub(crate) origin: String,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) salts: Arc<dyn Salts>,
    tip: Mutex<Tip>,
    /// Hashes of the last headers, so that a checkpoint need not read them again.
    leaves: Mutex<Leaves>,
    /// Held while the tree grows: the writer's thread and whoever asks for a checkpoint take turns.
    growing: Mutex<()>,
    pub(crate) has_writer: AtomicBool,
}

#[derive(Default)]
struct Leaves {
    /// Number of records before the first hash.
    before: u64,
    hashes: Vec<[u8; 32]>,
}

/// An open log. Cheap to clone.
#[derive(Clone)]
pub struct Log {
    pub(crate) inner: Arc<Inner>,
}

impl std::fmt::Debug for Log {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Log").field("origin", &self.inner.origin).field("tip", &self.tip()).finish_non_exhaustive()
    }
}

impl Log {
    /// Opens a log for appending: starts an empty one, cuts a torn tail, and checks the last records (at most one
    /// batch of them), the last checkpoint, the origin and the key. The rest is what `verify` is for.
    ///
    /// # Errors
    /// As [`OpenError`] says; a damaged log is left as it is.
    pub fn open(
        backend: Arc<dyn Backend>,
        key: LogKey,
        origin: &str,
        clock: Arc<dyn Clock>,
    ) -> Result<(Self, Recovery), OpenError> {
        Self::open_with_salts(backend, key, origin, clock, Arc::new(SystemSalts))
    }

    /// As [`Log::open`], with other salts than the operating system's: for tests that must make the same bytes again.
    ///
    /// # Errors
    /// As [`Log::open`].
    pub fn open_with_salts(
        backend: Arc<dyn Backend>,
        key: LogKey,
        origin: &str,
        clock: Arc<dyn Clock>,
        salts: Arc<dyn Salts>,
    ) -> Result<(Self, Recovery), OpenError> {
        if !origin_is_valid(origin) {
            return Err(OpenError::BadOrigin(origin.to_owned()));
        }
        let mut recovery = recovery::recover(backend.as_ref())?;
        let log = Self::new(backend, key, origin, clock, salts, recovery.tip);
        if recovery.tip.count == 0 {
            let genesis = Genesis { epoch: 1, key: kinds::key_text(&log.public_key()), origin: origin.to_owned() };
            log.append_own(kinds::own_draft(kinds::GENESIS, &genesis))?;
            recovery.created = true;
            recovery.tip = log.tip();
        }
        log.check_identity(Some(origin))?;
        Ok((log, recovery))
    }

    /// Opens a log that another process may be writing, for reading and exporting; changes nothing. The origin is the
    /// genesis record's.
    ///
    /// # Errors
    /// As [`OpenError`] says.
    pub fn open_read_only(backend: Arc<dyn Backend>, key: LogKey, clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        let tip = recovery::tip_for_reading(backend.as_ref())?;
        let origin = recovery::genesis(backend.as_ref())?.ok_or(OpenError::Empty)?.origin;
        let log = Self::new(backend, key, &origin, clock, Arc::new(SystemSalts), tip);
        log.check_identity(None)?;
        Ok(log)
    }

    fn new(
        backend: Arc<dyn Backend>,
        key: LogKey,
        origin: &str,
        clock: Arc<dyn Clock>,
        salts: Arc<dyn Salts>,
        tip: Tip,
    ) -> Self {
        let leaves = Leaves { before: tip.count, hashes: Vec::new() };
        Self {
            inner: Arc::new(Inner {
                backend,
                key,
                origin: origin.to_owned(),
                clock,
                salts,
                tip: Mutex::new(tip),
                leaves: Mutex::new(leaves),
                growing: Mutex::new(()),
                has_writer: AtomicBool::new(false),
            }),
        }
    }

    /// A log that an import has just filled; its last record may be signed by another key.
    pub(crate) fn imported(backend: Arc<dyn Backend>, key: LogKey, origin: &str, clock: Arc<dyn Clock>, tip: Tip) -> Self {
        Self::new(backend, key, origin, clock, Arc::new(SystemSalts), tip)
    }

    fn check_identity(&self, wanted: Option<&str>) -> Result<(), OpenError> {
        let backend = self.inner.backend.as_ref();
        let genesis = recovery::genesis(backend)?.ok_or(OpenError::Empty)?;
        if let Some(wanted) = wanted
            && genesis.origin != wanted
        {
            return Err(OpenError::OtherOrigin { found: genesis.origin, wanted: wanted.to_owned() });
        }
        let key = self.public_key();
        if recovery::is_current_key(backend, self.tip().position, &key)? { Ok(()) } else { Err(OpenError::OtherKey { key }) }
    }

    /// The name of the log.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.inner.origin
    }

    /// The public half of the key that signs now.
    #[must_use]
    pub fn public_key(&self) -> PublicKey {
        self.inner.key.public()
    }

    /// Position of the last record.
    #[must_use]
    pub fn head(&self) -> Position {
        self.tip().position
    }

    /// Position, count, time and hash of the last record.
    #[must_use]
    pub fn tip(&self) -> Tip {
        *self.inner.tip.lock()
    }

    /// Up to `limit` records at or after `from`, in order; nothing after [`Log::head`], whatever storage may hold there.
    ///
    /// # Errors
    /// When storage does not answer, or holds a damaged record.
    pub fn read(&self, from: Position, limit: usize) -> Result<Vec<Record>, Fault> {
        self.read_known(from, limit, None)
    }

    /// Up to `limit` records of one stream at or after `from`, in order.
    ///
    /// # Errors
    /// As [`Log::read`].
    pub fn read_stream(&self, stream: &str, from: Position, limit: usize) -> Result<Vec<Record>, Fault> {
        self.read_known(from, limit, Some(stream))
    }

    /// While an append runs, or after one that failed half-way, storage can hold more than is acknowledged.
    fn read_known(&self, from: Position, limit: usize, stream: Option<&str>) -> Result<Vec<Record>, Fault> {
        let head = self.head();
        let mut records = self.inner.backend.read(from, limit, stream)?;
        records.retain(|record| record.position() <= head);
        Ok(records)
    }

    /// The record at exactly `position`.
    ///
    /// # Errors
    /// As [`Log::read`].
    pub fn get(&self, position: Position) -> Result<Option<Record>, Fault> {
        Ok(self.read(position, 1)?.pop().filter(|record| record.position() == position))
    }

    /// The storage beneath.
    #[must_use]
    pub fn backend(&self) -> &Arc<dyn Backend> {
        &self.inner.backend
    }

    /// Links, signs and appends; the tip moves only when storage has taken it.
    pub(crate) fn append(&self, units: Vec<Prepared>) -> Result<Vec<Record>, AppendError> {
        let before = self.tip();
        let Linked { batch, tip, leaves } = link(&self.inner.key, before, self.inner.clock.now_ms(), units);
        self.inner.backend.append(&batch, before.expected())?;
        self.moved(before, tip, &leaves);
        Ok(batch.records)
    }

    fn moved(&self, before: Tip, tip: Tip, hashes: &[[u8; 32]]) {
        let mut cache = self.inner.leaves.lock();
        if cache.before + cache.hashes.len() as u64 != before.count {
            *cache = Leaves { before: before.count, hashes: Vec::new() };
        }
        cache.hashes.extend_from_slice(hashes);
        // Without checkpoints (a full disk) the cache must not grow for ever; the headers can be read again.
        if cache.hashes.len() as u64 > 2 * CHECKPOINT_EVERY {
            *cache = Leaves { before: tip.count, hashes: Vec::new() };
        }
        drop(cache);
        *self.inner.tip.lock() = tip;
    }

    /// After a failed append: takes over the whole units that reached storage all the same, gives them back in order,
    /// and cuts off what is left of a torn one, as opening does.
    pub(crate) fn catch_up(&self) -> Result<Vec<Record>, Fault> {
        let before = self.tip();
        let Some(head) = self.inner.backend.head()?.filter(|head| *head > before.position) else {
            return Ok(Vec::new());
        };
        let mut records = recovery::read_to(self.inner.backend.as_ref(), before.position.next(), head)?.0;
        let whole = records.iter().rposition(|record| record.header.rest == 0).map_or(0, |last| last + 1);
        records.truncate(whole);
        let mut tip = before;
        let mut hashes = Vec::with_capacity(records.len());
        for record in &records {
            let position = record.position();
            tip.check(&record.header).map_err(|what| Fault::Damaged { position, what })?;
            tip = Tip::of(&record.header);
            hashes.push(tip.hash);
        }
        if tip.position < head {
            self.inner.backend.cut(tip.position)?;
        }
        self.moved(before, tip, &hashes);
        Ok(records)
    }

    fn append_own(&self, draft: Draft) -> Result<Record, AppendError> {
        let mut records = self.append(vec![Prepared::own(vec![draft], Vec::new(), self.inner.salts.as_ref())?])?;
        records.pop().ok_or_else(|| Fault::Storage("nothing was appended".to_owned()).into())
    }

    /// Starts a new epoch after a restore or an import. Call it before a writer is spawned.
    ///
    /// # Errors
    /// When the record cannot be read or written.
    pub fn begin_epoch(&self, reason: &str) -> Result<Record, AppendError> {
        let epoch = self.epoch()? + 1;
        let payload = Epoch { epoch, key: kinds::key_text(&self.public_key()), reason: reason.to_owned() };
        self.append_own(kinds::own_draft(kinds::EPOCH, &payload))
    }

    /// The current epoch: 1, and one more after each restore or import.
    ///
    /// # Errors
    /// As [`Log::read`].
    pub fn epoch(&self) -> Result<u64, Fault> {
        let mut epoch = 1;
        let mut from = Position(1);
        loop {
            let page = self.read_stream(LOG_STREAM, from, MAX_BATCH_RECORDS)?;
            let Some(last) = page.last() else { return Ok(epoch) };
            from = last.position().next();
            for record in page.iter().filter(|record| record.header.kind == kinds::EPOCH) {
                epoch = kinds::decode::<Epoch>(record.bytes().unwrap_or_default())
                    .map_err(|e| Fault::Damaged { position: record.position(), what: e.to_string() })?
                    .epoch;
            }
        }
    }

    /// Hands the log to a new key: the record is signed by the old one, everything after it by the new one. Call it
    /// before a writer is spawned, and keep the new key's file before you call it.
    ///
    /// # Errors
    /// When the record cannot be written; then the old key stays in force.
    pub fn rotate_key(self, key: LogKey) -> Result<Self, AppendError> {
        self.checkpoint()?;
        let payload = KeyRotated { key: kinds::key_text(&key.public()) };
        self.append_own(kinds::own_draft(kinds::KEY_ROTATED, &payload))?;
        let tip = self.tip();
        let Inner { backend, origin, clock, salts, .. } = self.inner.as_ref();
        Ok(Self::new(Arc::clone(backend), key, origin, Arc::clone(clock), Arc::clone(salts), tip))
    }

    /// Brings the tree up to the last record and signs a checkpoint. Does nothing when there is one already.
    ///
    /// # Errors
    /// When storage does not take it; nothing is lost then but the checkpoint.
    pub fn checkpoint(&self) -> Result<Option<StoredCheckpoint>, AppendError> {
        let _alone = self.inner.growing.lock();
        let tip = self.tip();
        let mut last = self.inner.backend.last_checkpoint()?;
        loop {
            let (size, position) = last.as_ref().map_or((0, Position::ZERO), |last| (last.size, last.position));
            if size >= tip.count {
                return Ok(last);
            }
            last = Some(self.grow_tree(size, position, tip)?);
        }
    }

    /// One step of [`Log::checkpoint`]: all cached leaves, or one page of headers read again.
    fn grow_tree(&self, size: u64, position: Position, tip: Tip) -> Result<StoredCheckpoint, AppendError> {
        let cached = self.cached_leaves(size, tip);
        let (leaves, position) = match cached {
            Some(leaves) => (leaves, tip.position),
            None => {
                let mut headers = self.inner.backend.read_headers(position.next(), TREE_PAGE)?;
                // Storage can hold more than is acknowledged, and that may be cut off again.
                headers.retain(|header| header.position <= tip.position);
                let end = headers.last().ok_or_else(|| Fault::Storage("headers are missing".to_owned()))?.position;
                (headers.iter().map(crate::Header::hash).collect(), end)
            }
        };
        let growth = tree::grow(self.inner.backend.as_ref(), size, &leaves)?;
        let checkpoint = Checkpoint {
            origin: self.inner.origin.clone(),
            size: size + leaves.len() as u64,
            root: growth.root,
            at_ms: self.inner.clock.now_ms().max(tip.at_ms),
            position,
        };
        let stored = checkpoint.sign(&self.inner.key).map_err(Fault::Storage)?;
        self.inner.backend.extend_tree(growth.first, &growth.nodes, &stored)?;
        Ok(stored)
    }

    fn cached_leaves(&self, size: u64, tip: Tip) -> Option<Vec<[u8; 32]>> {
        let mut cache = self.inner.leaves.lock();
        if cache.before > size || cache.before + cache.hashes.len() as u64 != tip.count {
            return None;
        }
        let skip = usize::try_from(size - cache.before).ok()?;
        let leaves = cache.hashes.get(skip..)?.to_vec();
        *cache = Leaves { before: tip.count, hashes: Vec::new() };
        Some(leaves)
    }

    /// Proof that the record of this `count` is in the checkpoint of `size`.
    ///
    /// # Errors
    /// When there is no such record or checkpoint, or storage does not answer.
    pub fn prove_inclusion(&self, size: u64, count: u64) -> Result<Proof, Fault> {
        tree::inclusion(self.inner.backend.as_ref(), size, count)
    }

    /// Proof that the checkpoint of `size` continues the one of `old_size`.
    ///
    /// # Errors
    /// As [`Log::prove_inclusion`].
    pub fn prove_consistency(&self, size: u64, old_size: u64) -> Result<Proof, Fault> {
        tree::consistency(self.inner.backend.as_ref(), size, old_size)
    }

    /// The hashes of a tile of the newest checkpoint's tree, one after the other, 32 bytes each. Nothing when that tree does
    /// not fill the tile. What is given once never changes.
    ///
    /// # Errors
    /// When storage does not answer.
    pub fn tile(&self, id: &TileId) -> Result<Option<Vec<u8>>, Fault> {
        let size = self.inner.backend.last_checkpoint()?.map_or(0, |last| last.size);
        tree::tile(self.inner.backend.as_ref(), size, id)
    }

    pub(crate) fn claim_writer(&self) -> bool {
        !self.inner.has_writer.swap(true, Ordering::SeqCst)
    }

    pub(crate) fn release_writer(&self) {
        self.inner.has_writer.store(false, Ordering::SeqCst);
    }
}
