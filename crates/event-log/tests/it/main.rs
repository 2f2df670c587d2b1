//! Tests of the log through its public door, on the memory backend.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests fail loudly")]

mod checkpoints;
mod codec;
mod export;
mod golden;
mod import;
mod keys;
mod mutations;
mod notes;
mod recovery;
mod salts;
mod support;
mod versions;
mod writer;

use std::sync::Arc;

use event_log::{Backend, MemoryBackend, conformance};

#[test]
fn memory_backend_conforms() {
    conformance::run(&|| Arc::new(MemoryBackend::new()) as Arc<dyn Backend>).unwrap();
}
