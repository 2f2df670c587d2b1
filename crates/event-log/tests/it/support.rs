//! A fixed clock, counted salts, small units, a log with a writer that is waited for, and records that no writer makes.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use ed25519_dalek::{Signer as _, SigningKey};
use event_log::{
    AppendError, Appender, Batch, Class, Clock, Content, Draft, Erasure, ExportOptions, GENESIS, Header, LOG_STREAM, LogKey,
    MemoryBackend, NoRandomness, Outcome, Payload, Position, Reader, Record, RecordStore as _, Recovery, SALT_BYTES, Salt,
    Salts, Tip, TreeKeeper, Unit, Writer, export,
};
use sha2::{Digest as _, Sha256};

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

/// An open log in its parts. A bench takes the appender and gives it back when it is closed.
#[derive(Debug)]
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

pub(crate) fn open(backend: &Arc<MemoryBackend>) -> (Log, Recovery) {
    let opened = Appender::open(Arc::clone(backend), key(), ORIGIN, FixedClock::at(1_700_000_000_000));
    let (appender, recovery) = opened.unwrap();
    (Log::of(appender), recovery)
}

/// A writer whose outcomes are waited for one by one.
pub(crate) struct Bench {
    pub(crate) writer: Writer<u32>,
    pub(crate) outcomes: Receiver<Outcome<u32>>,
    log: Arc<Mutex<Option<Appender>>>,
}

impl Bench {
    pub(crate) fn new(log: &Log) -> Self {
        let (send, outcomes) = channel();
        let writer = Writer::spawn(log.take(), 1_024, move |outcome| {
            // A test that has seen enough drops its end.
            let _unheard = send.send(outcome);
        });
        Self { writer: writer.unwrap(), outcomes, log: Arc::clone(&log.appender) }
    }

    /// Closes the writer and gives the appender back.
    pub(crate) fn close(self) {
        *self.log.lock().unwrap() = self.writer.close();
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
    bench.close();
    log
}

pub(crate) fn exported(log: &Log, options: &ExportOptions) -> Vec<u8> {
    let mut lines = Vec::new();
    export(&log.tree, options, &mut lines, &mut |_| ()).unwrap();
    lines
}

/// Salts that count up from 1, so that the same steps make the same bytes.
#[derive(Debug, Default)]
pub(crate) struct CountedSalts(AtomicU64);

impl Salts for CountedSalts {
    fn draw(&self, salts: &mut [Salt]) -> Result<(), NoRandomness> {
        for salt in salts {
            *salt = u128::from(self.0.fetch_add(1, Ordering::SeqCst) + 1).to_be_bytes();
        }
        Ok(())
    }
}

/// A record of any version, signed as it would stand behind `tip`: also what the writer no longer makes, or never did.
pub(crate) fn signed(tip: &Tip, version: u16, draft: Draft) -> Record {
    let content = match version {
        1 => Content::unsalted(draft.payload),
        _ => Content::salted([version.to_be_bytes()[1]; SALT_BYTES], draft.payload),
    };
    let salt = content.salt().map(Salt::as_slice).unwrap_or_default();
    let header = Header {
        version,
        count: tip.count + 1,
        position: tip.position.next(),
        at_ms: 1_600_000_000_000.max(tip.at_ms),
        stream: draft.stream,
        kind: draft.kind,
        kind_version: draft.kind_version,
        class: draft.class,
        rest: 0,
        payload_digest: Sha256::new().chain_update(salt).chain_update(content.bytes()).finalize().into(),
        previous: tip.hash,
    };
    let signature = SigningKey::from_bytes(&[1; 32]).sign(&header.encode()).to_bytes();
    Record { header, signature, payload: Payload::Present(content) }
}

/// Puts records of `version` behind those that are there, whatever they are.
pub(crate) fn append_signed(backend: &MemoryBackend, version: u16, drafts: Vec<Draft>) {
    for draft in drafts {
        let head = backend.head().unwrap();
        let last = head.and_then(|head| backend.read(head, 1, None).unwrap().pop());
        let tip = last.map_or(Tip::START, |last| Tip::of(&last.header));
        let batch = Batch { records: vec![signed(&tip, version, draft)], erase: Vec::new() };
        backend.append(&batch, head).unwrap();
    }
}

/// What version 1 left in a folder: genesis, and these payloads of `room:a`, at positions 2, 3, …
pub(crate) fn version_1_log(payloads: &[&str]) -> Arc<MemoryBackend> {
    let backend = Arc::new(MemoryBackend::new());
    let genesis = Draft {
        stream: LOG_STREAM.to_owned(),
        kind: GENESIS.to_owned(),
        ..draft("", &format!("{{\"epoch\":1,\"key\":\"{}\",\"origin\":\"{ORIGIN}\"}}", key().public()))
    };
    append_signed(&backend, 1, vec![genesis]);
    append_signed(&backend, 1, payloads.iter().map(|payload| draft("room:a", payload)).collect());
    backend
}
