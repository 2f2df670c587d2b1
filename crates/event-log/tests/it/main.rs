//! Tests of the log through its public door, on the memory backend.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests fail loudly")]

mod checkpoints;
mod codec;
mod export;
mod following;
mod golden;
mod import;
mod keys;
mod mutations;
mod notes;
mod receipts;
mod recovery;
mod salts;
mod segments;
mod support;
mod versions;
mod writer;

use std::sync::Arc;

use event_log::{MemoryBackend, RecordStore, Stores, conformance};

#[test]
fn memory_backend_conforms() {
    conformance::run(&|| Arc::new(MemoryBackend::new()).into()).unwrap();
}

#[test]
fn memory_backend_conforms_beside_itself() {
    let fresh = || {
        let store = Arc::new(MemoryBackend::new());
        let open: conformance::OpenBeside = {
            let store = Arc::clone(&store);
            Box::new(move || Arc::clone(&store) as Arc<dyn RecordStore>)
        };
        (Stores::from(store), open)
    };
    conformance::run_beside(&fresh).unwrap();
}
