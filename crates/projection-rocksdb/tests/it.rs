//! The conformance checks on RocksDB, and what a crash leaves behind.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail loudly too")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use projection::{RowStore, ViewFault, conformance, digest, position_of_snapshot};
use projection_rocksdb::{RocksRows, Settings};
use tempfile::TempDir;

/// Small buffers, so that a short test flushes and compacts in the middle.
const SMALL: Settings = Settings { block_cache_bytes: 1 << 20, write_buffer_bytes: 64 << 10 };

fn conforms(check: fn(&conformance::Open<'_>) -> Result<(), ViewFault>, settings: Settings) {
    let folder = TempDir::new().unwrap();
    let opened = AtomicUsize::new(0);
    let open = || -> Result<Arc<dyn RowStore>, ViewFault> {
        let name = opened.fetch_add(1, Ordering::Relaxed).to_string();
        Ok(Arc::new(RocksRows::open(&folder.path().join(name), settings)?))
    };
    check(&open).unwrap();
}

#[test]
fn rocksdb_rows_conform() {
    conforms(conformance::check_store, Settings::default());
}

#[test]
fn the_runner_keeps_its_promises_on_rocksdb() {
    conforms(conformance::check_runner, SMALL);
}

#[test]
fn a_second_opener_is_refused() {
    let folder = TempDir::new().unwrap();
    let _first = RocksRows::open(folder.path(), SMALL).unwrap();
    assert!(RocksRows::open(folder.path(), SMALL).is_err());
}

#[test]
fn an_orderly_close_keeps_every_row_and_discard_keeps_none() {
    let folder = TempDir::new().unwrap();
    let records = conformance::sample_records(500, 3);
    let reopened = || Arc::new(RocksRows::open(folder.path(), SMALL).unwrap());
    conformance::sample_runner(reopened(), 1, &Default::default()).unwrap().apply(&records).unwrap();
    let store = reopened();
    assert_eq!(digest(&*store.snapshot()).unwrap(), conformance::digest_after(&records).unwrap());
    drop(store);
    assert!(RocksRows::discard(folder.path()).unwrap());
    assert_eq!(position_of_snapshot(&*reopened().snapshot()).unwrap().0, 0);
}

const CRASH_FOLDER: &str = "PROJECTION_CRASH_FOLDER";
const CRASH_AFTER: &str = "PROJECTION_CRASH_AFTER";
const CRASH_RECORDS: u64 = 6_000;

/// Not a test of its own: the process that the next test starts, and which dies in the middle of its work.
#[test]
fn crashing_process() {
    let (Ok(folder), Ok(after)) = (std::env::var(CRASH_FOLDER), std::env::var(CRASH_AFTER)) else { return };
    let after: usize = after.parse().unwrap();
    let store = Arc::new(RocksRows::open(Path::new(&folder), SMALL).unwrap());
    let runner = conformance::sample_runner(store, 1, &Default::default()).unwrap();
    for (done, group) in conformance::sample_records(CRASH_RECORDS, 5).chunks(7).enumerate() {
        runner.apply(group).unwrap();
        if done == after {
            // Like kill -9: no destructor runs and nothing is flushed.
            std::process::abort();
        }
    }
}

#[test]
fn a_crash_leaves_rows_and_cursor_of_one_moment() {
    let folder = TempDir::new().unwrap();
    let records = conformance::sample_records(CRASH_RECORDS, 5);
    let mut positions = Vec::new();
    for after in [0, 300, 555, 850] {
        let rows: PathBuf = folder.path().join(after.to_string());
        let status = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "crashing_process"])
            .envs([(CRASH_FOLDER, rows.as_os_str()), (CRASH_AFTER, after.to_string().as_ref())])
            .output()
            .unwrap()
            .status;
        assert!(!status.success(), "the process was to die after {after} commits");
        let store = Arc::new(RocksRows::open(&rows, SMALL).unwrap());
        let reached = position_of_snapshot(&*store.snapshot()).unwrap();
        let until = records.partition_point(|record| record.position() <= reached);
        let left = digest(&*store.snapshot()).unwrap();
        assert_eq!(left, conformance::digest_after(&records[..until]).unwrap(), "crash after {after} commits");
        let runner = conformance::sample_runner(store.clone(), 1, &Default::default()).unwrap();
        runner.apply(&records).unwrap();
        let whole = digest(&*store.snapshot()).unwrap();
        assert_eq!(whole, conformance::digest_after(&records).unwrap(), "crash after {after} commits");
        positions.push((until, 7 * (after + 1)));
    }
    // Otherwise this test would prove nothing about files that were written before the crash, or about a lost tail.
    assert!(positions.iter().any(|(kept, _)| *kept > 0), "something had been written out: {positions:?}");
    assert!(positions.iter().any(|(kept, folded)| kept < folded), "something was lost: {positions:?}");
}

/// Whether these bytes are in a file of the folder, also in those that say what is in the others.
fn is_in_a_file(folder: &Path, wanted: &[u8]) -> bool {
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    // RocksDB may take one away meanwhile.
    let mut files = paths.filter_map(|path| std::fs::read(path).ok());
    files.any(|bytes| bytes.windows(wanted.len()).any(|window| window == wanted))
}

/// What no packing takes apart: letters that come nowhere else.
const PIECES: [&[u8]; 3] = [b"q7zk1x9vw3", b"j5yr8m2tbc", b"w4nd0p8qle"];

#[test]
fn what_is_deleted_is_in_no_file_after_a_purge() {
    let (first, last): (&[u8], &[u8]) = (b"\x01 q7zk1x9vw3 is the smallest key", b"\xfe j5yr8m2tbc is the largest key");
    for is_read in [false, true] {
        let folder = TempDir::new().unwrap();
        let store = RocksRows::open(folder.path(), Settings::default()).unwrap();
        let commit = |value: Option<&[u8]>| {
            let rows = [first, last].map(|key| (key.to_vec(), value.map(<[u8]>::to_vec)));
            store.commit(&rows.into_iter().chain([(b"\x02 stays".to_vec(), Some(b"x".to_vec()))]).collect()).unwrap();
        };
        commit(Some(b"w4nd0p8qle is a value"));
        store.flush().unwrap();
        for wanted in PIECES {
            assert!(is_in_a_file(folder.path(), wanted), "{}", String::from_utf8_lossy(wanted));
        }
        std::thread::scope(|scope| {
            let snapshot = is_read.then(|| store.snapshot());
            commit(None);
            let purge = scope.spawn(|| store.purge_deleted());
            // Whoever reads what was there before is waited for.
            if let Some(snapshot) = snapshot {
                assert!(snapshot.get(first).unwrap().is_some());
                assert!(!purge.is_finished());
                drop(snapshot);
            }
            purge.join().unwrap().unwrap();
        });
        for wanted in PIECES {
            assert!(!is_in_a_file(folder.path(), wanted), "{}", String::from_utf8_lossy(wanted));
        }
        assert!(store.snapshot().get(b"\x02 stays").unwrap().is_some());
    }
}
