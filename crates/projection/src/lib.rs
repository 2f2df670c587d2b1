//! Fold runner: turns the record log into rows that queries read, and keeps count of how far it has come.
//!
//! A [`Fold`] is a pure function from one placed fact to row writes, and says whose answers those change. The [`Runner`] feeds every fold in log order,
//! commits the rows of all folds and their cursors as one batch, and rebuilds a view whose version has changed.
//! Rows live behind [`RowStore`]; [`MemoryRows`] is the one for tests.
//!
//! This crate knows nothing of Matrix, HTTP or RocksDB, and it never causes an outside action: replay is silent.

mod batch;
pub mod conformance;
mod cursor;
mod digest;
mod fault;
mod fold;
mod held;
mod key;
mod memory;
mod newest;
mod parked;
mod progress;
mod range;
mod recent;
mod reconcile;
mod rows;
mod runner;
mod settle;
mod stream_snapshot;
mod table;
mod tails;
mod touched;

pub use batch::Batch;
pub use cursor::{Cursor, cursor_of, position_of_snapshot};
pub use digest::{Difference, compare, digest};
pub use fault::{Remedy, ViewFault};
pub use fold::{Decode, Decoded, Fold, Place, Placed};
pub use held::HELD_PREFIX_BYTES_MAX;
pub use key::{EncodeKey, EncodePart, KeyPart, RowKey};
pub use memory::MemoryRows;
pub use newest::Newest;
pub use parked::{Parked, parked};
pub use progress::Progress;
pub use range::KeyRange;
pub use recent::Recent;
pub use reconcile::{Rebuilt, disagreement, reconcile};
pub use rows::{NoRows, Order, RowStore, Rows, Visit, Writes};
pub use runner::{Applied, GROUP_RECORDS, Runner};
pub use stream_snapshot::StreamSnapshot;
pub use table::Table;
pub use touched::Touched;

// Where a fact was placed: part of this crate's interface, so that views need not know the log.
pub use event_log::Position;
