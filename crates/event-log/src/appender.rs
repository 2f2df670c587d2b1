//! Appending to a log: what links, signs and hands on to storage, and moves the end. There is one for each open log; the
//! [`Writer`](crate::Writer) takes it over. Only the records that a log needs to begin, to change its key or to start an epoch
//! are written without one.

use std::sync::Arc;

use crate::chain::{Linked, Prepared, Tip, link};
use crate::checkpoint::origin_is_valid;
use crate::clock::Clock;
use crate::fault::{AppendError, LogFault};
use crate::keeper::TreeKeeper;
use crate::key::LogKey;
use crate::kinds::{self, Epoch, Genesis, KeyRotated};
use crate::open_error::OpenError;
use crate::payload::{Salts, SystemSalts};
use crate::reader::Reader;
use crate::record::{Draft, Position, Record};
use crate::recovery::{self, Recovery};
use crate::store::Stores;

/// Positions between the beginnings of two epochs that restores start, at least: more than are ever lost between a backup and a restore.
pub const EPOCH_POSITIONS: u64 = 1 << 32;

/// The right to append to a log.
pub struct Appender {
    tree: TreeKeeper,
    salts: Arc<dyn Salts>,
}

impl std::fmt::Debug for Appender {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Appender").field("log", self.reader()).finish_non_exhaustive()
    }
}

impl Appender {
    /// Opens a log for appending: starts an empty one, cuts a torn tail, and checks the last records (at most one
    /// batch of them), the last checkpoint, the origin and the key. The rest is what `verify` is for.
    ///
    /// # Errors
    /// As [`OpenError`] says; a damaged log is left as it is.
    pub fn open(
        stores: impl Into<Stores>,
        key: LogKey,
        origin: &str,
        clock: Arc<dyn Clock>,
    ) -> Result<(Self, Recovery), OpenError> {
        Self::open_with_salts(stores, key, origin, clock, Arc::new(SystemSalts))
    }

    /// As [`Appender::open`], with other salts than the operating system's: for tests that must make the same bytes again.
    ///
    /// # Errors
    /// As [`Appender::open`].
    pub fn open_with_salts(
        stores: impl Into<Stores>,
        key: LogKey,
        origin: &str,
        clock: Arc<dyn Clock>,
        salts: Arc<dyn Salts>,
    ) -> Result<(Self, Recovery), OpenError> {
        if !origin_is_valid(origin) {
            return Err(OpenError::BadOrigin(origin.to_owned()));
        }
        let stores = stores.into();
        let mut recovery = recovery::recover(&stores)?;
        let log = Self::new(stores, key, origin, clock, salts, recovery.tip);
        if recovery.tip.count == 0 {
            let genesis = Genesis { epoch: 1, key: kinds::key_text(&log.tree.public_key()), origin: origin.to_owned() };
            log.append_own(kinds::own_draft(kinds::GENESIS, &genesis))?;
            recovery.created = true;
            recovery.tip = log.reader().tip();
        }
        log.check_identity(origin)?;
        Ok((log, recovery))
    }

    fn new(stores: Stores, key: LogKey, origin: &str, clock: Arc<dyn Clock>, salts: Arc<dyn Salts>, tip: Tip) -> Self {
        let reader = Reader::of_appender(stores.records, origin, tip);
        Self { tree: TreeKeeper::new(reader, stores.tree, key, clock), salts }
    }

    /// A log that an import has just filled; its last record may be signed by another key.
    pub(crate) fn imported(stores: Stores, key: LogKey, origin: &str, clock: Arc<dyn Clock>, tip: Tip) -> Self {
        Self::new(stores, key, origin, clock, Arc::new(SystemSalts), tip)
    }

    fn check_identity(&self, wanted: &str) -> Result<(), OpenError> {
        let records = self.reader().records().as_ref();
        let genesis = recovery::genesis(records)?.ok_or(OpenError::Empty)?;
        if genesis.origin != wanted {
            return Err(OpenError::OtherOrigin { found: genesis.origin, wanted: wanted.to_owned() });
        }
        recovery::check_key(records, self.reader().head(), self.tree.public_key())
    }

    /// Reads the log.
    #[must_use]
    pub fn reader(&self) -> &Reader {
        self.tree.reader()
    }

    /// Keeps its tree.
    #[must_use]
    pub const fn tree(&self) -> &TreeKeeper {
        &self.tree
    }

    pub(crate) const fn salts(&self) -> &Arc<dyn Salts> {
        &self.salts
    }

    /// Links, signs and appends; the end moves only when storage has taken it.
    pub(crate) fn append(&self, units: Vec<Prepared>) -> Result<Vec<Record>, AppendError> {
        let before = self.reader().tip();
        self.append_from(before, before.position, units)
    }

    /// The same, with positions that follow on `position`, which is that of the end or a later one.
    fn append_from(&self, before: Tip, position: Position, units: Vec<Prepared>) -> Result<Vec<Record>, AppendError> {
        let Linked { batch, tip, leaves } = link(self.tree.key(), Tip { position, ..before }, self.tree.now_ms(), units);
        self.reader().records().append(&batch, before.expected())?;
        self.moved(before, tip, &leaves);
        Ok(batch.records)
    }

    fn moved(&self, before: Tip, tip: Tip, leaves: &[[u8; 32]]) {
        self.tree.remember(before, leaves);
        self.reader().end().move_to(tip);
    }

    /// After a failed append: takes over the whole units that reached storage all the same, gives them back in order,
    /// and cuts off what is left of a torn one, as opening does.
    pub(crate) fn catch_up(&self) -> Result<Vec<Record>, LogFault> {
        let before = self.reader().tip();
        let store = self.reader().records().as_ref();
        let Some(head) = store.head()?.filter(|head| *head > before.position) else {
            return Ok(Vec::new());
        };
        let mut records = recovery::read_to(store, before.position.next(), head)?.0;
        let whole = records.iter().rposition(|record| record.header.rest == 0).map_or(0, |last| last + 1);
        records.truncate(whole);
        let mut tip = before;
        let mut leaves = Vec::with_capacity(records.len());
        for record in &records {
            let position = record.position();
            tip.check(&record.header).map_err(|what| LogFault::Damaged { position, what })?;
            tip = Tip::of(&record.header);
            leaves.push(tip.hash);
        }
        if tip.position < head {
            store.cut(tip.position)?;
        }
        self.moved(before, tip, &leaves);
        Ok(records)
    }

    fn append_own(&self, draft: Draft) -> Result<Record, AppendError> {
        only(self.append(vec![Prepared::own(vec![draft], Vec::new(), self.salts.as_ref())?])?)
    }

    /// Starts a new epoch after an import.
    ///
    /// # Errors
    /// When the record cannot be read or written.
    pub fn begin_epoch(&self, reason: &str) -> Result<Record, AppendError> {
        let draft = self.epoch(reason)?;
        self.append_own(draft)
    }

    /// Starts a new epoch after a restore: at the next multiple of [`EPOCH_POSITIONS`], so that no position is used again that
    /// somebody was told of before what came after the backup was lost. Whoever asks for what is after such a position gets all that is new.
    ///
    /// # Errors
    /// When the record cannot be read or written.
    pub fn begin_epoch_apart(&self, reason: &str) -> Result<Record, AppendError> {
        let (draft, before) = (self.epoch(reason)?, self.reader().tip());
        let first = (before.position.0 / EPOCH_POSITIONS).saturating_add(1).saturating_mul(EPOCH_POSITIONS);
        let prepared = Prepared::own(vec![draft], Vec::new(), self.salts.as_ref())?;
        only(self.append_from(before, Position(first - 1), vec![prepared])?)
    }

    fn epoch(&self, reason: &str) -> Result<Draft, AppendError> {
        let epoch = self.reader().epoch()? + 1;
        let payload = Epoch { epoch, key: kinds::key_text(&self.tree.public_key()), reason: reason.to_owned() };
        Ok(kinds::own_draft(kinds::EPOCH, &payload))
    }

    /// Hands the log to a new key: the record is signed by the old one, everything after it by the new one. Keep the new
    /// key's file before you call it. Readers and tree keepers that were cloned off before belong to the old one.
    ///
    /// # Errors
    /// When the record cannot be written; then the old key stays in force.
    pub fn rotate_key(self, key: LogKey) -> Result<Self, AppendError> {
        self.tree.checkpoint()?;
        let payload = KeyRotated { key: kinds::key_text(&key.public()) };
        self.append_own(kinds::own_draft(kinds::KEY_ROTATED, &payload))?;
        Ok(Self { tree: self.tree.with_key(key), salts: self.salts })
    }
}

fn only(mut appended: Vec<Record>) -> Result<Record, AppendError> {
    appended.pop().ok_or_else(|| LogFault::Storage("nothing was appended".to_owned()).into())
}
