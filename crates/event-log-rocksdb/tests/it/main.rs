//! Tests of the RocksDB backend: what every backend must do, and what only files can get wrong.
#![expect(clippy::unwrap_used, reason = "tests fail loudly")]

mod damage;
mod folder;
mod following;
mod support;

use std::cell::RefCell;
use std::sync::Arc;

use event_log::{Stores, conformance};
use event_log_rocksdb::RocksLog;

#[test]
fn rocksdb_stores_conform() {
    let folders = RefCell::new(Vec::new());
    let fresh = || {
        let folder = tempfile::tempdir().unwrap();
        let store = RocksLog::open(folder.path()).unwrap();
        folders.borrow_mut().push(folder);
        Stores::from(Arc::new(store))
    };
    conformance::run(&fresh).unwrap();
}

#[test]
fn a_secondary_conforms_beside_the_folder_that_is_written() {
    let folders = RefCell::new(Vec::new());
    let fresh = || {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_owned();
        let store = RocksLog::open(path.join("log")).unwrap();
        folders.borrow_mut().push(folder);
        let open: conformance::OpenBeside =
            Box::new(move || Arc::new(RocksLog::open_secondary(path.join("log"), path.join("scratch")).unwrap()));
        (Stores::from(Arc::new(store)), open)
    };
    conformance::run_beside(&fresh).unwrap();
}
