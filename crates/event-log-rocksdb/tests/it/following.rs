//! A follower in another process, on the folder that this one writes.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use event_log::{Position, Reader};
use event_log_rocksdb::RocksLog;

use crate::support::{Bench, erase, log_on, unit};

/// Tells the child which folder to follow.
const CHILD_FOLDER: &str = "EVENT_LOG_FOLLOWED_FOLDER";
/// The payload after which the child has seen enough.
const LAST: &[u8] = b"the last one";
const LONG: Duration = Duration::from_secs(60);

/// Only does something as the child of the next test.
#[test]
fn child_follows_to_the_last_record() {
    let Some(folder) = std::env::var_os(CHILD_FOLDER) else { return };
    let scratch = tempfile::tempdir().unwrap();
    let store = RocksLog::open_secondary(Path::new(&folder), scratch.path()).unwrap();
    let reader = Reader::open(Arc::new(store)).unwrap();
    let mut follower = reader.follow(Position(1));
    let mut next = Position(1);
    loop {
        let page = follower.next_page(100, LONG).unwrap();
        assert!(!page.is_empty(), "nothing came after {next}");
        for record in &page {
            assert_eq!(record.position(), next);
            next = next.next();
        }
        if page.last().unwrap().bytes() == Some(LAST) {
            assert_eq!(reader.head(), page.last().unwrap().position());
            return;
        }
    }
}

#[test]
fn another_process_follows_through_flushes_and_compactions() {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(RocksLog::open(folder.path()).unwrap());
    let log = log_on(Arc::clone(&store));
    let bench = Bench::new(&log);
    bench.append(unit(&["there before"])).unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "following::child_follows_to_the_last_record"]).env(CHILD_FOLDER, folder.path());
    let child = child.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    for n in 0..300 {
        bench.append(unit(&[&"x".repeat(2_000), &n.to_string()])).unwrap();
        if n % 50 == 49 {
            bench.append(erase(&[n + 2])).unwrap();
            // The write-ahead log that the child reads goes away, and files are rewritten beneath it.
            store.purge_erased().unwrap();
        }
    }
    bench.append(unit(&[std::str::from_utf8(LAST).unwrap()])).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}{}", String::from_utf8_lossy(&output.stderr));
}
