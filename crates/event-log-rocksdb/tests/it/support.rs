//! A log in a folder, and a writer that is waited for.

use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};

use event_log::{
    AppendError, Appender, Class, Draft, Erasure, ExportOptions, LogKey, Outcome, Position, Reader, Record, SystemClock,
    TreeKeeper, Unit, Writer, export,
};
use event_log_rocksdb::RocksLog;

pub(crate) fn key() -> LogKey {
    LogKey::from_seed(&[1; 32])
}

/// An open log in its parts. A bench takes the appender and gives it back when it is closed.
pub(crate) struct Log {
    pub(crate) reader: Reader,
    pub(crate) tree: TreeKeeper,
    appender: Arc<Mutex<Option<Appender>>>,
}

impl Log {
    pub(crate) fn of(appender: Appender) -> Self {
        let (reader, tree) = (appender.reader().clone(), appender.tree().clone());
        Self { reader, tree, appender: Arc::new(Mutex::new(Some(appender))) }
    }

    /// The appender, when no bench has it.
    pub(crate) fn take(&self) -> Appender {
        self.appender.lock().unwrap().take().unwrap()
    }
}

pub(crate) fn log_on(store: Arc<RocksLog>) -> Log {
    Log::of(Appender::open(store, key(), "alice.example/log", Arc::new(SystemClock)).unwrap().0)
}

pub(crate) fn open(path: &Path) -> Log {
    log_on(Arc::new(RocksLog::open(path).unwrap()))
}

pub(crate) fn unit(payloads: &[&str]) -> Unit {
    let draft = |payload: &&str| Draft {
        stream: "room:a".to_owned(),
        kind: "test.said".to_owned(),
        kind_version: 1,
        class: Class::Plain,
        payload: payload.as_bytes().to_vec(),
    };
    Unit::of(payloads.iter().map(draft).collect())
}

pub(crate) fn erase(positions: &[u64]) -> Unit {
    let positions = positions.iter().map(|position| Position(*position)).collect();
    Unit { drafts: Vec::new(), erase: Some(Erasure { positions, within: Vec::new(), reason: "asked to".to_owned() }) }
}

pub(crate) struct Bench {
    pub(crate) writer: Writer<()>,
    outcomes: Receiver<Outcome<()>>,
    log: Arc<Mutex<Option<Appender>>>,
}

impl Bench {
    pub(crate) fn new(log: &Log) -> Self {
        let (send, outcomes) = channel();
        let writer = Writer::spawn(log.take(), 64, move |outcome| {
            let _unheard = send.send(outcome);
        });
        Self { writer: writer.unwrap(), outcomes, log: Arc::clone(&log.appender) }
    }

    /// Closes the writer and gives the appender back.
    pub(crate) fn close(self) {
        *self.log.lock().unwrap() = self.writer.close();
    }

    pub(crate) fn append(&self, unit: Unit) -> Result<Vec<Record>, AppendError> {
        self.writer.submit(unit, ()).map_err(|rejected| rejected.to_string()).unwrap();
        match self.outcomes.recv().unwrap() {
            Outcome::Appended { records, .. } => Ok(records),
            Outcome::Failed { error, .. } => Err(error),
        }
    }
}

pub(crate) fn exported(log: &TreeKeeper) -> Vec<u8> {
    let mut lines = Vec::new();
    export(log, &ExportOptions::default(), &mut lines, &mut |_| ()).unwrap();
    lines
}
