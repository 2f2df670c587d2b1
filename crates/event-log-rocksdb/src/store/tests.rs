//! A log that could not be opened again after a failed write.

use std::fs;

use event_log::RecordStore;

use super::{OPENING_PAUSE, RocksLog};

/// Opens the log again while its folder is away, and lets the folder come back.
fn lose(log: &RocksLog) {
    let away = log.path.with_extension("away");
    fs::rename(&log.path, &away).unwrap();
    // A file in its place, so that no empty log is made there.
    fs::write(&log.path, b"").unwrap();
    let mut head = log.head.lock();
    assert!(log.open_again().is_err());
    *head = None;
    fs::remove_file(&log.path).unwrap();
    fs::rename(&away, &log.path).unwrap();
}

#[test]
fn whoever_reads_first_opens_it_again() {
    let folder = tempfile::tempdir().unwrap();
    let log = RocksLog::open(folder.path().join("log")).unwrap();
    let reads: [fn(&RocksLog) -> bool; 4] = [
        |log| log.read(event_log::Position(1), 10, None).is_ok(),
        |log| log.read(event_log::Position(1), 10, Some("room:a")).is_ok(),
        |log| log.read_headers(event_log::Position(1), 10).is_ok(),
        |log| log.disk_bytes().is_ok(),
    ];
    for read in reads {
        lose(&log);
        *log.tried_at.lock() = None;
        assert!(read(&log));
    }
}

#[test]
fn a_log_that_does_not_open_is_not_tried_all_the_time() {
    let folder = tempfile::tempdir().unwrap();
    let log = RocksLog::open(folder.path().join("log")).unwrap();
    lose(&log);
    let back = log.path.with_extension("back");
    fs::rename(&log.path, &back).unwrap();
    fs::write(&log.path, b"").unwrap();
    assert!(log.disk_bytes().is_err());
    fs::remove_file(&log.path).unwrap();
    fs::rename(&back, &log.path).unwrap();
    let tried_at = log.tried_at.lock().unwrap();
    let is_open = log.disk_bytes().is_ok();
    assert!(!is_open || tried_at.elapsed() >= OPENING_PAUSE);
}
