//! The record log's storage on RocksDB: one write batch and one sync of the write-ahead log for each append.
//! What records mean, how they are chained and signed, is all in `event-log`; this crate only keeps them.
//!
//! Column families: `headers` (position → signature, header), `payloads` (position → state, salt, payload; no row
//! once erased), `by_stream` (stream, 0, position), `tree` (index → hash), `checkpoints` (size → position, note).

mod database;
mod fault;
mod open_error;
mod options;
mod records;
mod rows;
mod secondary;
mod store;
mod tree;

pub use open_error::OpenError;
pub use options::Settings;
pub use store::RocksLog;
