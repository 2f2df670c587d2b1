//! Tests of the RocksDB backend: what every backend must do, and what only files can get wrong.
#![expect(clippy::unwrap_used, reason = "tests fail loudly")]

mod damage;
mod folder;
mod support;

use std::cell::RefCell;
use std::sync::Arc;

use event_log::{Backend, conformance};
use event_log_rocksdb::RocksLog;

#[test]
fn rocksdb_backend_conforms() {
    let folders = RefCell::new(Vec::new());
    let fresh = || {
        let folder = tempfile::tempdir().unwrap();
        let backend = RocksLog::open(folder.path()).unwrap();
        folders.borrow_mut().push(folder);
        Arc::new(backend) as Arc<dyn Backend>
    };
    conformance::run(&fresh).unwrap();
}
