//! What a power cut or a bad disk leaves in the files.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use event_log::{Appender, OpenError, Position, SystemClock, VerifyError, verify_log};
use event_log_rocksdb::RocksLog;

use crate::support::{Bench, Log, key, open, unit};

fn try_open(path: &Path) -> Result<Log, String> {
    let backend = RocksLog::open(path).map_err(|error| error.to_string())?;
    let opened = Appender::open(Arc::new(backend), key(), "alice.example/log", Arc::new(SystemClock));
    opened.map(|(log, _)| Log::of(log)).map_err(|error| error.to_string())
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() && path.file_name().unwrap() != "LOCK" {
            fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
        }
    }
}

/// The greatest file of this ending.
fn greatest(path: &Path, ending: &str) -> PathBuf {
    let files = fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path());
    let wanted = files.filter(|path| path.extension().is_some_and(|found| found == ending));
    wanted.max_by_key(|path| fs::metadata(path).unwrap().len()).unwrap()
}

/// A folder as a killed process leaves it: twelve units of two records in the write-ahead log.
fn killed(target: &Path) {
    let folder = tempfile::tempdir().unwrap();
    let log = open(folder.path());
    let bench = Bench::new(&log);
    for n in 0..12 {
        bench.append(unit(&[&format!("first of {n}"), "second"])).unwrap();
    }
    copy(folder.path(), target);
}

#[test]
fn a_write_ahead_log_cut_anywhere_opens_with_whole_units() {
    let work = tempfile::tempdir().unwrap();
    let whole = work.path().join("whole");
    killed(&whole);
    let size = fs::metadata(greatest(&whole, "log")).unwrap().len();
    assert_eq!(try_open(&whole).unwrap().reader.head(), Position(25));
    let mut heads = Vec::new();
    for step in 0..24 {
        let path = work.path().join(format!("cut-{step}"));
        killed(&path);
        let file = fs::OpenOptions::new().write(true).open(greatest(&path, "log")).unwrap();
        // Odd steps, so that the cuts fall within records as well.
        file.set_len(size - (step * 397).min(size)).unwrap();
        let log = try_open(&path).unwrap();
        let head = log.reader.head().0;
        assert!(head % 2 == 1, "step {step}: half a unit at the end of {head} records");
        Bench::new(&log).append(unit(&["after"])).unwrap();
        verify_log(&log.tree, &mut |_| ()).unwrap();
        heads.push(head);
    }
    assert!(heads.is_sorted_by(|a, b| a >= b) && heads.first() > heads.last(), "{heads:?}");
}

#[test]
fn damage_before_the_end_of_the_write_ahead_log_is_refused() {
    let work = tempfile::tempdir().unwrap();
    let path = work.path().join("log");
    killed(&path);
    let file = greatest(&path, "log");
    let mut bytes = fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&file, bytes).unwrap();
    let error = RocksLog::open(&path).unwrap_err();
    assert!(matches!(error, event_log_rocksdb::OpenError::Damaged { .. }), "{error}");
    assert!(error.to_string().contains("Restore it from a backup"), "{error}");
}

#[test]
fn a_damaged_file_is_named_by_position() {
    let work = tempfile::tempdir().unwrap();
    let path = work.path().join("log");
    let backend = Arc::new(RocksLog::open(&path).unwrap());
    let log = crate::support::log_on(Arc::clone(&backend));
    let bench = Bench::new(&log);
    let drafts: Vec<String> = (0..500).map(|n| format!("{n:x}").repeat(200)).collect();
    bench.append(unit(&drafts.iter().map(String::as_str).collect::<Vec<_>>())).unwrap();
    bench.close();
    backend.purge_erased().unwrap();
    drop((log, backend));
    let file = greatest(&path, "sst");
    let mut bytes = fs::read(&file).unwrap();
    bytes[100] ^= 1;
    fs::write(&file, bytes).unwrap();
    let backend = Arc::new(RocksLog::open(&path).unwrap());
    match Appender::open(backend, key(), "alice.example/log", Arc::new(SystemClock)) {
        // The tail that opening reads reaches the damaged block.
        Err(OpenError::Damaged { position, .. }) => assert!(position < Position(200), "{position}"),
        Err(other) => panic!("{other}"),
        Ok((log, _)) => match verify_log(log.tree(), &mut |_| ()) {
            Err(VerifyError::Damage(damage)) => assert!(damage.position < Some(Position(200)), "{damage}"),
            other => panic!("not seen: {other:?}"),
        },
    }
}
