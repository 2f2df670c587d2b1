//! A log in memory that fails on demand, in the ways in which power and disks fail.

use std::sync::Arc;

use event_log::{
    AppendError, Batch, Header, LogFault, MemoryBackend, Position, Record, RecordStore, StoredCheckpoint, TreeStore,
};
use parking_lot::Mutex;

use crate::{Call, Strikes, Trouble};

/// What a write that is cut short leaves of a record, bytes.
const SHORT_BYTES: usize = 100;

/// What happens to an append.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blow {
    /// The power goes before anything is written.
    Lost,
    /// The power goes while the batch is written: its first record is left cut off after so many bytes, or one byte
    /// short of whole. Storage checks a batch as one (RocksDB's own log does), so that no whole record of a torn batch
    /// is ever seen; one that showed some of them would break the port's contract.
    Torn(usize),
    /// The power goes when all is written and synced, but before anybody is told.
    Unanswered,
    /// There is no room. The power stays on.
    Full,
}

#[derive(Debug, Default)]
struct Plan {
    /// The blow, and how many appends succeed before it.
    next: Option<(u64, Blow)>,
    is_off: bool,
    is_torn: bool,
}

/// A log in memory whose power can go.
#[derive(Default)]
pub struct FaultyBackend {
    records: MemoryBackend,
    plan: Mutex<Plan>,
    strikes: Arc<Strikes>,
}

impl FaultyBackend {
    /// An empty log with the power on.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty log whose calls are counted and struck by `strikes`.
    #[must_use]
    pub fn under(strikes: Arc<Strikes>) -> Self {
        Self { strikes, ..Self::default() }
    }

    /// Lets `blow` happen after so many more appends. It replaces a blow that has not happened yet.
    pub fn strike_after(&self, appends: u64, blow: Blow) {
        self.plan.lock().next = Some((appends, blow));
    }

    /// Turns the power off, now.
    pub fn cut_power(&self) {
        self.plan.lock().is_off = true;
    }

    /// Turns the power on and calls off a blow that has not happened yet.
    pub fn power_on(&self) {
        *self.plan.lock() = Plan::default();
        self.records.power_on();
    }

    /// Whether the power is off.
    #[must_use]
    pub fn is_off(&self) -> bool {
        self.plan.lock().is_off
    }

    /// Whether the power went in the middle of a write. What is left then is only cleared away by opening the log again.
    #[must_use]
    pub fn is_torn(&self) -> bool {
        self.plan.lock().is_torn
    }

    /// Every call but an append goes through here.
    fn call<T, E: From<LogFault>>(&self, call: Call, work: impl FnOnce(&MemoryBackend) -> Result<T, E>) -> Result<T, E> {
        if self.is_off() {
            return Err(off().into());
        }
        let struck = match self.strikes.on(call) {
            None => return work(&self.records),
            Some(Trouble::Late) => {
                work(&self.records)?;
                Trouble::Late
            }
            Some(trouble) => trouble,
        };
        Err(device(struck).into())
    }

    /// An append that `trouble` happens to. The power stays on.
    fn append_badly(&self, batch: &Batch, expected: Option<Position>, trouble: Trouble) -> Result<(), AppendError> {
        match trouble {
            Trouble::Io => {}
            Trouble::NoSpace => return Err(AppendError::Full),
            Trouble::Short => {
                self.records.tear_next(SHORT_BYTES);
                // What it answers is the device's error below.
                let _short = self.records.append(batch, expected);
                self.records.power_on();
            }
            Trouble::Late => self.records.append(batch, expected)?,
        }
        Err(device(trouble).into())
    }

    /// The blow for this append, if it is due.
    fn due(&self) -> Option<Blow> {
        let mut plan = self.plan.lock();
        let (remaining, blow) = plan.next?;
        plan.next = if remaining == 0 { None } else { Some((remaining - 1, blow)) };
        let is_due = remaining == 0;
        plan.is_off |= is_due && blow != Blow::Full;
        is_due.then_some(blow)
    }
}

/// What a storage says that it has no other word for.
fn device(trouble: Trouble) -> LogFault {
    LogFault::Storage(format!("{trouble:?}, as the test asks"))
}

fn off() -> LogFault {
    LogFault::Unavailable("the power is off".to_owned())
}

impl RecordStore for FaultyBackend {
    fn append(&self, batch: &Batch, expected: Option<Position>) -> Result<(), AppendError> {
        let unavailable = || AppendError::Unavailable("the power is off".to_owned());
        if self.is_off() {
            return Err(unavailable());
        }
        if let Some(trouble) = self.strikes.on(Call::Append) {
            return self.append_badly(batch, expected, trouble);
        }
        match self.due() {
            None => self.records.append(batch, expected),
            Some(Blow::Full) => Err(AppendError::Full),
            Some(Blow::Lost) => Err(unavailable()),
            Some(Blow::Torn(bytes)) => {
                self.plan.lock().is_torn = true;
                // Anything less than the signature and the payload is less than the record.
                let whole = batch.records.first().and_then(Record::bytes).map_or(0, <[u8]>::len);
                self.records.tear_next(bytes.min(whole));
                self.records.append(batch, expected)
            }
            Some(Blow::Unanswered) => {
                self.records.append(batch, expected)?;
                Err(unavailable())
            }
        }
    }

    fn read(&self, from: Position, limit: usize, stream: Option<&str>) -> Result<Vec<Record>, LogFault> {
        self.call(Call::Read, |records| records.read(from, limit, stream))
    }

    fn read_headers(&self, from: Position, limit: usize) -> Result<Vec<Header>, LogFault> {
        self.call(Call::ReadHeaders, |records| records.read_headers(from, limit))
    }

    fn head(&self) -> Result<Option<Position>, LogFault> {
        self.call(Call::Head, |records| records.head())
    }

    fn cut(&self, keep: Position) -> Result<(), LogFault> {
        self.call(Call::Cut, |records| records.cut(keep))
    }
}

impl TreeStore for FaultyBackend {
    fn extend(&self, first: u64, nodes: &[[u8; 32]], checkpoint: &StoredCheckpoint) -> Result<(), AppendError> {
        self.call(Call::ExtendTree, |records| records.extend(first, nodes, checkpoint))
    }

    fn nodes(&self, indexes: &[u64]) -> Result<Vec<[u8; 32]>, LogFault> {
        self.call(Call::TreeNodes, |records| records.nodes(indexes))
    }

    fn checkpoints(&self, size: u64, limit: usize) -> Result<Vec<StoredCheckpoint>, LogFault> {
        self.call(Call::Checkpoints, |records| records.checkpoints(size, limit))
    }

    fn last_checkpoint(&self) -> Result<Option<StoredCheckpoint>, LogFault> {
        self.call(Call::LastCheckpoint, |records| records.last_checkpoint())
    }
}
