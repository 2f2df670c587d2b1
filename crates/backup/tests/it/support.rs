//! A server in memory: a log, media, keys; and what a backup gives back.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    io::{self, Cursor, Read},
    path::Path,
    sync::{
        Arc,
        mpsc::{Receiver, channel},
    },
};

use backup::{Backup, Fault, Folder, Made, MediaSource, Options, Source, age::Identity, make};
use event_log::{
    Appender, Class, Draft, Erasure, LogKey, MemoryBackend, Outcome, Position, Reader, Record, SystemClock, TreeKeeper,
    Unit, Writer, restore as restore_records, verify_log,
};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

const SEED: [u8; 32] = [3; 32];
/// More records than a test makes.
const RECORDS_MAX: usize = 100_000;

pub(crate) fn identity() -> Identity {
    Identity::from_file_text(include_str!("../../src/age/fixtures/identity.txt")).unwrap()
}

/// Media in memory. When it `is_broken`, it fails as a disk does.
#[derive(Default)]
pub(crate) struct Media {
    pub(crate) bytes: RefCell<BTreeMap<[u8; 32], Vec<u8>>>,
    /// Listed, and gone when they are asked for.
    pub(crate) vanishing: RefCell<BTreeSet<[u8; 32]>>,
    pub(crate) is_broken: RefCell<bool>,
}

impl Media {
    pub(crate) fn add(&self, bytes: Vec<u8>) -> [u8; 32] {
        let digest = Sha256::digest(&bytes).into();
        self.bytes.borrow_mut().insert(digest, bytes);
        digest
    }
}

impl MediaSource for Media {
    fn digests(&self) -> io::Result<Vec<[u8; 32]>> {
        Ok(self.bytes.borrow().keys().chain(self.vanishing.borrow().iter()).copied().collect())
    }

    fn open(&self, digest: &[u8; 32]) -> io::Result<Option<Box<dyn Read>>> {
        if *self.is_broken.borrow() {
            return Err(io::Error::other("the disk is gone"));
        }
        let bytes = self.bytes.borrow().get(digest).cloned();
        Ok(bytes.map(|bytes| Box::new(Cursor::new(bytes)) as Box<dyn Read>))
    }
}

pub(crate) struct Server {
    pub(crate) tree: TreeKeeper,
    writer: Option<Writer<()>>,
    outcomes: Receiver<Outcome<()>>,
    pub(crate) media: Media,
    pub(crate) keys: BTreeMap<String, Zeroizing<Vec<u8>>>,
}

impl Server {
    pub(crate) fn new(origin: &str) -> Self {
        let backend = Arc::new(MemoryBackend::new());
        Self::of(Appender::open(backend, LogKey::from_seed(&SEED), origin, Arc::new(SystemClock)).unwrap().0)
    }

    fn of(log: Appender) -> Self {
        let tree = log.tree().clone();
        let (tell, outcomes) = channel();
        let writer = Writer::spawn(log, 1_024, move |outcome| {
            // The test has ended.
            let _unheard = tell.send(outcome);
        });
        let keys = [("log.key", SEED.to_vec()), ("signing.key", b"a key".to_vec())];
        let keys = keys.into_iter().map(|(name, bytes)| (name.to_owned(), Zeroizing::new(bytes))).collect();
        Self { tree, writer: Some(writer.unwrap()), outcomes, media: Media::default(), keys }
    }

    pub(crate) fn append(&self, unit: Unit) -> Vec<Record> {
        let writer = self.writer.as_ref().unwrap();
        writer.submit(unit, ()).map_err(|rejected| rejected.to_string()).unwrap();
        match self.outcomes.recv().unwrap() {
            Outcome::Appended { records, .. } => records,
            Outcome::Failed { error, .. } => panic!("{error}"),
        }
    }

    pub(crate) fn say(&self, payloads: &[&str]) -> Vec<Record> {
        let draft = |payload: &&str| Draft {
            stream: "room:a".to_owned(),
            kind: "test.said".to_owned(),
            kind_version: 1,
            class: if payload.len().is_multiple_of(3) { Class::Secret } else { Class::Plain },
            payload: payload.as_bytes().to_vec(),
        };
        self.append(Unit::of(payloads.iter().map(draft).collect()))
    }

    pub(crate) fn erase(&self, position: Position) {
        let erasure = Erasure { positions: vec![position], within: Vec::new(), reason: "asked to".to_owned() };
        self.append(Unit { drafts: Vec::new(), erase: Some(erasure) });
    }

    pub(crate) fn records(&self) -> Vec<Record> {
        records(self.tree.reader())
    }

    pub(crate) fn back_up(&self, path: &Path, options: &Options, now_ms: u64) -> Result<Made, Fault> {
        let folder = Folder::to_write(path)?;
        let source = Source { log: &self.tree, keys: &self.keys, media: &self.media, made_by: "test 1" };
        make(&folder, &source, options, now_ms, &mut |_| ())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.writer.take().map(Writer::close));
    }
}

fn records(reader: &Reader) -> Vec<Record> {
    reader.read(Position(1), RECORDS_MAX).unwrap()
}

/// What was restored.
#[derive(Debug)]
pub(crate) struct Restored {
    /// Without the epoch at the end.
    pub(crate) records: Vec<Record>,
    pub(crate) media: BTreeMap<[u8; 32], Vec<u8>>,
    pub(crate) keys: BTreeMap<String, Zeroizing<Vec<u8>>>,
}

/// Restores a backup as the command does, into memory.
pub(crate) fn restore(path: &Path, name: Option<&str>, identity: Option<Identity>) -> Result<Restored, Fault> {
    restore_log(path, name, identity).map(|(_, restored)| restored)
}

fn restore_log(path: &Path, name: Option<&str>, identity: Option<Identity>) -> Result<(Appender, Restored), Fault> {
    let folder = Folder::to_read(path)?;
    let backup = Backup::find(&folder, name, identity)?;
    backup.check(&mut |_, _| ())?;
    let keys = backup.keys()?;
    let export = backup.export(LogKey::from_seed(&SEED), backup.erasures()?)?;
    let stores = Arc::new(MemoryBackend::new());
    let (log, _) = restore_records(export, stores, LogKey::from_seed(&SEED), Arc::new(SystemClock), &mut |_| ()).unwrap();
    let report = verify_log(log.tree(), &mut |_| ()).unwrap();
    assert_eq!(report.keys.len(), 1, "the key goes on");
    let mut media = BTreeMap::new();
    for digest in backup.media()? {
        let mut bytes = Vec::new();
        backup.copy_medium(&digest, &mut bytes)?;
        media.insert(digest, bytes);
    }
    let mut records = records(log.reader());
    records.pop();
    Ok((log, Restored { records, media, keys }))
}

/// A server that goes on from a backup.
pub(crate) fn go_on(path: &Path, name: Option<&str>) -> Server {
    Server::of(restore_log(path, name, None).unwrap().0)
}
