//! What drives the appender: one thread, one bounded queue. It takes everything queued, links and signs it, appends it with
//! one sync, and reports. While one sync runs the next group gathers; there is no timer.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, TrySendError, sync_channel};
use std::thread::JoinHandle;

use crate::appender::Appender;
use crate::chain::{Prepared, Unprepared};
use crate::fault::{AppendError, LogFault};
use crate::keeper::CHECKPOINT_EVERY;
use crate::payload::{NoRandomness, Salts};
use crate::reader::Reader;
use crate::record::{Invalid, MAX_BATCH_RECORDS, MAX_UNIT_BYTES, Position, Record, Unit};

/// Units that share one sync, at most.
pub const MAX_GROUP_UNITS: usize = 256;

/// A unit that was not queued; the token comes back.
#[derive(Debug, thiserror::Error)]
pub enum Rejected<T> {
    /// The queue is full: try again later.
    #[error("the log's queue is full")]
    Full(T),
    /// The writer has stopped.
    #[error("the log's writer has stopped")]
    Stopped(T),
    /// An append has failed since the caller decided.
    #[error("an append has failed since this was decided")]
    Stale(T),
    /// The unit can never be recorded.
    #[error("the unit cannot be recorded: {1}")]
    Invalid(T, Invalid),
    /// There was nothing to make salts of: try again later.
    #[error("{1}")]
    NoRandomness(T, NoRandomness),
}

impl<T> Rejected<T> {
    /// The token of the rejected unit.
    pub fn into_token(self) -> T {
        match self {
            Self::Full(token) | Self::Stopped(token) | Self::Stale(token) => token,
            Self::Invalid(token, _) | Self::NoRandomness(token, _) => token,
        }
    }
}

/// A unit that is in the log.
#[derive(Debug, PartialEq, Eq)]
pub struct UnitDone<T> {
    /// As it was submitted.
    pub token: T,
    /// Position of its first record.
    pub first: Position,
    /// Position of its last record, the same as `first` for a unit of one.
    pub last: Position,
}

/// What became of a group.
#[derive(Debug)]
pub enum Outcome<T> {
    /// In the log and synced. `units` can be fewer than the records: when an append had failed and its records turn
    /// out to have reached storage, they come once more, without units.
    Appended {
        /// Every record, in order.
        records: Vec<Record>,
        /// Every unit of the group, in order.
        units: Vec<UnitDone<T>>,
    },
    /// Not in the log as far as is known. Everything that was queued behind is failed too, since it was decided on
    /// state that never became real.
    Failed {
        /// Why the first group failed.
        error: AppendError,
        /// Every unit given up, in order.
        tokens: Vec<T>,
    },
}

struct Queued<T> {
    prepared: Prepared,
    token: T,
    generation: u64,
}

/// Handle of the writer's thread. Dropping or closing it appends what is queued, writes a checkpoint and waits.
pub struct Writer<T: Send + 'static> {
    reader: Reader,
    salts: Arc<dyn Salts>,
    queue: Option<SyncSender<Queued<T>>>,
    thread: Option<JoinHandle<Appender>>,
    generation: Arc<AtomicU64>,
}

impl<T: Send + 'static> Writer<T> {
    /// Starts the thread. `capacity` bounds the units that wait; `on_outcome` runs on the writer's thread, between
    /// two appends, so that the order of calls is the order of the log.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn spawn(log: Appender, capacity: usize, on_outcome: impl FnMut(Outcome<T>) + Send + 'static) -> io::Result<Self> {
        let (reader, salts) = (log.reader().clone(), Arc::clone(log.salts()));
        let (queue, receiver) = sync_channel(capacity.max(1));
        let generation = Arc::new(AtomicU64::new(0));
        let worker = Worker {
            checkpointed: log.tree().last_checkpoint().ok().flatten().map_or(0, |last| last.size),
            log,
            receiver,
            held: None,
            generation: Arc::clone(&generation),
            on_outcome,
            in_doubt: false,
            failure: AppendError::Conflict,
        };
        let thread = std::thread::Builder::new().name("log-writer".to_owned()).spawn(move || worker.run())?;
        Ok(Self { reader, salts, queue: Some(queue), thread: Some(thread), generation })
    }

    /// Queues a unit; never blocks. Bounds are checked and payloads salted and digested here, on the caller's thread.
    ///
    /// # Errors
    /// The token comes back with the reason.
    pub fn submit(&self, unit: Unit, token: T) -> Result<(), Rejected<T>> {
        self.submit_in(self.generation(), unit, token)
    }

    /// Queues a unit that was decided in `generation`; if an append has failed since, it is not recorded.
    ///
    /// # Errors
    /// The token comes back with the reason.
    pub fn submit_in(&self, generation: u64, unit: Unit, token: T) -> Result<(), Rejected<T>> {
        let Some(queue) = &self.queue else { return Err(Rejected::Stopped(token)) };
        if generation != self.generation() {
            return Err(Rejected::Stale(token));
        }
        let prepared = match self.prepare(unit) {
            Ok(prepared) => prepared,
            Err(Unprepared::Invalid(invalid)) => return Err(Rejected::Invalid(token, invalid)),
            Err(Unprepared::NoRandomness(error)) => return Err(Rejected::NoRandomness(token, error)),
        };
        queue.try_send(Queued { prepared, token, generation }).map_err(|error| match error {
            TrySendError::Full(queued) => Rejected::Full(queued.token),
            TrySendError::Disconnected(queued) => Rejected::Stopped(queued.token),
        })
    }

    /// Rises by one with every failed append, before [`Outcome::Failed`] is delivered. Read it before the state that a
    /// decision rests on and hand it to [`Writer::submit_in`]: then nothing decided on unreal state is recorded.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.generation.load(Ordering::SeqCst)
    }

    /// Appends what is queued, writes a checkpoint and waits for the thread, as dropping does. Gives back what it appended
    /// with; nothing when the thread has panicked.
    pub fn close(mut self) -> Option<Appender> {
        self.end()
    }

    fn end(&mut self) -> Option<Appender> {
        drop(self.queue.take());
        // A panic in the callback has been reported by the panic hook already.
        self.thread.take()?.join().ok()
    }

    fn prepare(&self, unit: Unit) -> Result<Prepared, Unprepared> {
        let prepared = Prepared::new(unit, self.salts.as_ref())?;
        self.check_erasable(&prepared)?;
        Ok(prepared)
    }

    /// Only what is in the log can be erased, and nothing of the log's own: without it no verifier could tell an
    /// erased payload from a lost one.
    fn check_erasable(&self, prepared: &Prepared) -> Result<(), Invalid> {
        let head = self.reader.head();
        for position in prepared.erased() {
            let may_be = || match self.reader.get(*position) {
                Ok(Some(record)) => prepared.may_erase_in(&record.header.stream),
                Ok(None) => false,
                // Storage that does not answer now will say so again at the append.
                Err(_) => true,
            };
            if *position > head || !may_be() {
                return Err(Invalid::NotErasable(*position));
            }
        }
        Ok(())
    }
}

impl<T: Send + 'static> Drop for Writer<T> {
    fn drop(&mut self) {
        self.end();
    }
}

struct Worker<T, F> {
    log: Appender,
    receiver: Receiver<Queued<T>>,
    /// A unit that did not fit into the last group.
    held: Option<Queued<T>>,
    generation: Arc<AtomicU64>,
    on_outcome: F,
    /// An append has failed and storage has not yet said what became of it.
    in_doubt: bool,
    /// Why the last failed append failed: the reason for what was queued behind it.
    failure: AppendError,
    checkpointed: u64,
}

impl<T: Send + 'static, F: FnMut(Outcome<T>)> Worker<T, F> {
    fn run(mut self) -> Appender {
        while let Some(group) = self.gather() {
            self.commit(group);
            if self.log.reader().tip().count - self.checkpointed >= CHECKPOINT_EVERY {
                self.checkpoint();
            }
        }
        self.checkpoint();
        self.log
    }

    /// A checkpoint that fails (a full disk) is tried again after the next group: the records are safe without it.
    fn checkpoint(&mut self) {
        if let Ok(Some(checkpoint)) = self.log.tree().checkpoint() {
            self.checkpointed = checkpoint.size;
        }
    }

    /// Waits for one unit, then takes whatever else is queued, within the bounds of a group.
    fn gather(&mut self) -> Option<Vec<Queued<T>>> {
        let first = match self.held.take() {
            Some(held) => held,
            None => self.receiver.recv().ok()?,
        };
        let (mut records, mut bytes) = (first.prepared.records(), first.prepared.bytes);
        let mut group = vec![first];
        while group.len() < MAX_GROUP_UNITS {
            match self.receiver.try_recv() {
                Ok(queued) => {
                    records += queued.prepared.records();
                    bytes += queued.prepared.bytes;
                    if records > MAX_BATCH_RECORDS || bytes > MAX_UNIT_BYTES {
                        self.held = Some(queued);
                        break;
                    }
                    group.push(queued);
                }
                Err(TryRecvError::Empty | TryRecvError::Disconnected) => break,
            }
        }
        Some(group)
    }

    fn commit(&mut self, group: Vec<Queued<T>>) {
        if self.in_doubt
            && let Err(error) = self.settle()
        {
            return self.fail(error, group.into_iter().map(|queued| queued.token).collect());
        }
        let generation = self.generation.load(Ordering::SeqCst);
        let (group, stale): (Vec<_>, Vec<_>) = group.into_iter().partition(|queued| queued.generation == generation);
        if !stale.is_empty() {
            self.report_failed(self.failure.clone(), stale.into_iter().map(|queued| queued.token).collect());
        }
        if group.is_empty() {
            return;
        }
        let mut sizes = Vec::with_capacity(group.len());
        let mut units = Vec::with_capacity(group.len());
        for queued in group {
            sizes.push((queued.token, queued.prepared.records()));
            units.push(queued.prepared);
        }
        match self.log.append(units) {
            Ok(records) => self.report_appended(records, sizes),
            Err(error) => self.fail(error, sizes.into_iter().map(|(token, _)| token).collect()),
        }
    }

    fn report_appended(&mut self, records: Vec<Record>, sizes: Vec<(T, usize)>) {
        let mut rest = records.as_slice();
        let mut units = Vec::with_capacity(sizes.len());
        for (token, size) in sizes {
            let (unit, after) = rest.split_at(size.min(rest.len()));
            rest = after;
            if let (Some(first), Some(last)) = (unit.first(), unit.last()) {
                units.push(UnitDone { token, first: first.position(), last: last.position() });
            }
        }
        (self.on_outcome)(Outcome::Appended { records, units });
    }

    /// Asks storage where the log really ends, then fails the group. The generation rises before anybody is told: who
    /// tries again upon the news must not find a state that holds what failed, or lacks what was taken over. What is
    /// queued behind is of the old generation and fails when its turn comes.
    fn fail(&mut self, error: AppendError, tokens: Vec<T>) {
        self.in_doubt = true;
        self.failure = error.clone();
        // If storage does not answer now, the next group asks again.
        let _unsettled = self.settle();
        self.generation.fetch_add(1, Ordering::SeqCst);
        self.report_failed(error, tokens);
    }

    fn report_failed(&mut self, error: AppendError, tokens: Vec<T>) {
        (self.on_outcome)(Outcome::Failed { error, tokens });
    }

    /// After a failed append: if its records reached storage all the same, they are part of the log, and what was
    /// decided without them is stale.
    fn settle(&mut self) -> Result<(), AppendError> {
        loop {
            let records = self.log.catch_up().map_err(|fault| match fault {
                LogFault::Unavailable(what) => AppendError::Unavailable(what),
                other => AppendError::Fault(other),
            })?;
            if records.is_empty() {
                self.in_doubt = false;
                return Ok(());
            }
            (self.on_outcome)(Outcome::Appended { records, units: Vec::new() });
            self.generation.fetch_add(1, Ordering::SeqCst);
        }
    }
}
