//! One folder: opened again, by two, by a reader beside the writer, copied, full, purged.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use event_log::{AppendError, Payload, Position, RecordStore as _, SystemClock, TreeKeeper, verify_export, verify_log};
use event_log_rocksdb::{OpenError, RocksLog, Settings};

use crate::support::{Bench, Log, erase, exported, key, log_on, open, unit};

/// Tells the child of a test which folder to open.
const CHILD_FOLDER: &str = "EVENT_LOG_CHILD_FOLDER";

fn filled(path: &Path) -> Log {
    let log = open(path);
    let bench = Bench::new(&log);
    bench.append(unit(&["one", "two"])).unwrap();
    bench.append(unit(&["three"])).unwrap();
    bench.append(erase(&[2])).unwrap();
    bench.close();
    log
}

#[test]
fn a_folder_opened_again_holds_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let log = filled(folder.path());
    let (records, checkpoint) = (log.reader.read(Position(1), 10).unwrap(), log.tree.last_checkpoint().unwrap());
    let tip = log.reader.tip();
    drop(log);
    let again = open(folder.path());
    assert_eq!((again.reader.tip(), again.tree.last_checkpoint().unwrap()), (tip, checkpoint));
    assert_eq!(again.reader.read(Position(1), 10).unwrap(), records);
    assert_eq!(records[1].payload, Payload::Erased);
    verify_log(&again.tree, &mut |_| ()).unwrap();
}

/// Only does something as the child of the next test, where it must find the folder locked.
#[test]
fn child_finds_the_folder_locked() {
    let Some(folder) = std::env::var_os(CHILD_FOLDER) else { return };
    let error = RocksLog::open(Path::new(&folder)).unwrap_err();
    assert!(matches!(error, OpenError::Locked { .. }), "{error}");
    assert!(error.to_string().contains("in use by another process"), "{error}");
}

#[test]
fn a_second_process_is_told_that_the_folder_is_in_use() {
    let folder = tempfile::tempdir().unwrap();
    let log = filled(folder.path());
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "folder::child_finds_the_folder_locked"]).env(CHILD_FOLDER, folder.path());
    let output = child.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"));
    // The same holds for a second handle in this process, and the first goes on.
    assert!(matches!(RocksLog::open(folder.path()), Err(OpenError::Locked { .. })));
    Bench::new(&log).append(unit(&["four"])).unwrap();
}

#[test]
fn a_reader_beside_the_writer_exports_what_was_synced() {
    let (folder, scratch) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let log = open(folder.path());
    let bench = Bench::new(&log);
    for n in 0..50 {
        bench.append(unit(&[&format!("record {n}")])).unwrap();
    }
    let reader = Arc::new(RocksLog::open_secondary(folder.path(), scratch.path()).unwrap());
    let seen = TreeKeeper::open_read_only(Arc::clone(&reader), key(), Arc::new(SystemClock)).unwrap();
    bench.append(unit(&["later"])).unwrap();
    assert_eq!(seen.reader().head(), Position(51));
    assert_eq!(verify_export(exported(&seen).as_slice(), &mut |_| ()).unwrap().records, 51);
    let refused = reader.append(&event_log::Batch::default(), Some(Position(51)));
    assert!(matches!(refused, Err(AppendError::Fault(_))), "{refused:?}");
    assert_eq!(log.reader.head(), Position(52));
    // Whoever opens it anew sees what was written meanwhile.
    let anew = TreeKeeper::open_read_only(reader, key(), Arc::new(SystemClock)).unwrap();
    assert_eq!(verify_export(exported(&anew).as_slice(), &mut |_| ()).unwrap().records, 52);
}

#[test]
fn a_stopped_folder_can_be_read_without_touching_it() {
    let (folder, scratch) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let lines = {
        let log = filled(folder.path());
        exported(&log.tree).iter().filter(|byte| **byte == b'\n').count()
    };
    let reader = Arc::new(RocksLog::open_secondary(folder.path(), scratch.path()).unwrap());
    let seen = TreeKeeper::open_read_only(reader, key(), Arc::new(SystemClock)).unwrap();
    assert_eq!(exported(&seen).iter().filter(|byte| **byte == b'\n').count(), lines);
}

#[test]
fn a_backup_made_while_running_is_a_log_of_its_own() {
    let (folder, target) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let backend = Arc::new(RocksLog::open(folder.path()).unwrap());
    let log = log_on(Arc::clone(&backend));
    let bench = Bench::new(&log);
    bench.append(unit(&["kept"])).unwrap();
    backend.backup(target.path().join("copy")).unwrap();
    bench.append(unit(&["later"])).unwrap();
    let copy = open(&target.path().join("copy"));
    assert_eq!(copy.reader.head(), Position(2));
    copy.take().begin_epoch("restore").unwrap();
    assert_eq!(verify_log(&copy.tree, &mut |_| ()).unwrap().epoch, 2);
}

#[test]
fn a_disk_without_room_refuses_writes_and_still_reads() {
    let folder = tempfile::tempdir().unwrap();
    drop(filled(folder.path()));
    let settings = Settings { reserve_bytes: u64::MAX, ..Settings::default() };
    let full = log_on(Arc::new(RocksLog::open_with(folder.path(), settings).unwrap()));
    let bench = Bench::new(&full);
    assert_eq!(bench.append(unit(&["no room"])), Err(AppendError::Full));
    assert_eq!(bench.append(unit(&["no room"])), Err(AppendError::Full));
    assert_eq!(full.reader.read(Position(1), 10).unwrap().len(), 5);
    verify_log(&full.tree, &mut |_| ()).unwrap();
    bench.close();
    drop(full);
    let log = open(folder.path());
    assert_eq!(Bench::new(&log).append(unit(&["room again"])).unwrap()[0].position(), Position(6));
}

/// Bytes of every file in the folder, one after the other.
fn all_bytes(path: &Path) -> Vec<u8> {
    let files = std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file());
    files.flat_map(|path| std::fs::read(path).unwrap()).collect()
}

#[test]
fn an_erased_payload_and_its_salt_leave_the_disk() {
    const MARKER: &[u8] = b"q7Zx-marker-that-stands-nowhere-else-Kp3";
    let folder = tempfile::tempdir().unwrap();
    let backend = Arc::new(RocksLog::open(folder.path()).unwrap());
    let log = log_on(Arc::clone(&backend));
    let bench = Bench::new(&log);
    let records = bench.append(unit(&[std::str::from_utf8(MARKER).unwrap(), "stays"])).unwrap();
    let Payload::Present(content) = &records[0].payload else { panic!("it was just written") };
    let salt = content.salt().unwrap();
    backend.purge_erased().unwrap();
    let holds = |wanted: &[u8]| all_bytes(folder.path()).windows(wanted.len()).any(|window| window == wanted);
    assert!(holds(MARKER) && holds(salt), "before they are erased both must be found, or this test proves nothing");
    bench.append(erase(&[2])).unwrap();
    backend.purge_erased().unwrap();
    assert!(!holds(MARKER) && !holds(salt));
    assert_eq!(log.reader.get(Position(3)).unwrap().unwrap().payload, records[1].payload);
    verify_log(&log.tree, &mut |_| ()).unwrap();
}
