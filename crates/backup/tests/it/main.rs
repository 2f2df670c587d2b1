//! Backups of logs in memory, into folders and out of them.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests fail loudly")]

mod faults;
mod histories;
mod retention;
mod support;
