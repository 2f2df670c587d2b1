//! A fixed clock, small units, and a log with a writer that is waited for.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use event_log::{
    AppendError, Class, Clock, Draft, Erasure, ExportOptions, Log, LogKey, MemoryBackend, Outcome, Position, Record,
    Recovery, Unit, Writer, export,
};

pub(crate) const ORIGIN: &str = "alice.example/log";

/// A clock that stands still until it is set.
#[derive(Debug)]
pub(crate) struct FixedClock(AtomicU64);

impl FixedClock {
    pub(crate) fn at(ms: u64) -> Arc<Self> {
        Arc::new(Self(AtomicU64::new(ms)))
    }

    pub(crate) fn set(&self, ms: u64) {
        self.0.store(ms, Ordering::SeqCst);
    }
}

impl Clock for FixedClock {
    fn now_ms(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }
}

pub(crate) fn key() -> LogKey {
    LogKey::from_seed(&[1; 32])
}

pub(crate) fn draft(stream: &str, payload: &str) -> Draft {
    Draft {
        stream: stream.to_owned(),
        kind: "test.said".to_owned(),
        kind_version: 1,
        class: Class::Plain,
        payload: payload.as_bytes().to_vec(),
    }
}

pub(crate) fn unit(stream: &str, payloads: &[&str]) -> Unit {
    Unit::of(payloads.iter().map(|payload| draft(stream, payload)).collect())
}

pub(crate) fn erase(positions: &[u64]) -> Unit {
    let positions = positions.iter().map(|position| Position(*position)).collect();
    Unit { drafts: Vec::new(), erase: Some(Erasure { positions, within: Vec::new(), reason: "asked to".to_owned() }) }
}

pub(crate) fn open(backend: &Arc<MemoryBackend>) -> (Log, Recovery) {
    Log::open(Arc::clone(backend) as _, key(), ORIGIN, FixedClock::at(1_700_000_000_000)).unwrap()
}

/// A writer whose outcomes are waited for one by one.
pub(crate) struct Bench {
    pub(crate) writer: Writer<u32>,
    pub(crate) outcomes: Receiver<Outcome<u32>>,
}

impl Bench {
    pub(crate) fn new(log: &Log) -> Self {
        let (send, outcomes) = channel();
        let writer = Writer::spawn(log.clone(), 1_024, move |outcome| {
            // A test that has seen enough drops its end.
            let _unheard = send.send(outcome);
        });
        Self { writer: writer.unwrap(), outcomes }
    }

    /// Appends one unit that must fail, and waits until the writer takes new ones.
    pub(crate) fn fail(&self, unit: Unit) -> AppendError {
        let before = self.writer.generation();
        let error = self.append(unit).unwrap_err();
        let began = Instant::now();
        while self.writer.generation() == before {
            assert!(began.elapsed() < Duration::from_secs(10), "the generation must rise after a failure");
            std::thread::yield_now();
        }
        error
    }

    /// Appends one unit and waits for it.
    pub(crate) fn append(&self, unit: Unit) -> Result<Vec<Record>, AppendError> {
        self.writer.submit(unit, 0).map_err(|rejected| rejected.to_string()).unwrap();
        match self.outcomes.recv().unwrap() {
            Outcome::Appended { records, .. } => Ok(records),
            Outcome::Failed { error, .. } => Err(error),
        }
    }
}

/// A log with these units in it, and a checkpoint at its end.
pub(crate) fn log_of(backend: &Arc<MemoryBackend>, units: Vec<Unit>) -> Log {
    let (log, _) = open(backend);
    let bench = Bench::new(&log);
    for unit in units {
        bench.append(unit).unwrap();
    }
    bench.writer.close();
    log
}

pub(crate) fn exported(log: &Log, options: &ExportOptions) -> Vec<u8> {
    let mut lines = Vec::new();
    export(log, options, &mut lines, &mut |_| ()).unwrap();
    lines
}
