//! A signed, hash-chained, append-only log of opaque records: the only source of truth above it.
//! It knows nothing of what is recorded, of HTTP or of any database; storage is behind [`RecordStore`] and
//! [`TreeStore`]. [`Appender`] writes, [`Reader`] reads, [`Follower`] goes on reading, [`TreeKeeper`] keeps the tree.
//!
//! Every header is signed (Ed25519), names the hash of the header before it, and covers a salted digest of its payload,
//! so that a payload can be erased for good while the log still verifies. `docs/record-format.md` has every byte.

mod appender;
mod chain;
mod checkpoint;
mod clock;
mod codec;
pub mod conformance;
mod end;
mod epoch;
mod erased;
mod export;
mod fault;
mod follower;
mod import;
mod keeper;
mod key;
mod kinds;
mod line;
mod memory;
mod open_error;
mod pages;
mod payload;
mod payload_check;
mod proof;
mod reader;
mod receipt;
mod record;
mod recovery;
mod segment;
mod segments;
mod store;
mod tile;
mod tree;
mod verify;
mod writer;

pub use appender::{Appender, EPOCH_POSITIONS};
pub use chain::Tip;
pub use checkpoint::{Checkpoint, origin_is_valid, verifier_key};
pub use clock::{Clock, SystemClock};
pub use codec::CodecError;
pub use export::{ExportError, ExportOptions, Progress, export};
pub use fault::{AppendError, LogFault};
pub use follower::Follower;
pub use import::{ImportError, import, restore};
pub use keeper::{CHECKPOINT_EVERY, TreeKeeper};
pub use key::{LogKey, PublicKey};
pub use kinds::{EPOCH, ERASED, Epoch, Erased, GENESIS, Genesis, KEY_ROTATED, KeyRotated, decode as decode_own};
pub use line::{Head, Manifest};
pub use memory::MemoryBackend;
pub use open_error::OpenError;
pub use pages::Pages;
pub use payload::{Content, NoRandomness, Payload, SALT_BYTES, Salt, Salts, SystemSalts};
pub use proof::ProofError;
pub use reader::Reader;
pub use receipt::{ErasedFor, RECEIPT_BYTES_MAX, Receipt, ReceiptError};
pub use record::{
    Class, Draft, Erasure, FORMAT_VERSION, Header, Invalid, LOG_KIND_PREFIX, LOG_STREAM, MAX_BATCH_RECORDS,
    MAX_ERASED_POSITIONS, MAX_KIND_BYTES, MAX_PAYLOAD_BYTES, MAX_REASON_BYTES, MAX_STREAM_BYTES, MAX_UNIT_BYTES,
    OLDEST_FORMAT_VERSION, Position, Record, Unit,
};
pub use recovery::{Cut, Recovery};
pub use segment::{Segment, SegmentError, write_segment};
pub use segments::{Erasures, Segments, WholeLog, payloads_in_segment};
pub use store::{Batch, RecordStore, StoredCheckpoint, Stores, TreeStore};
pub use tile::{NoTileName, TILE_HASHES, TileId};
pub use tree::Proof;
pub use verify::{
    Damage, KeySpan, Report, VerifyError, verify_export, verify_export_with, verify_log, verify_log_with, verify_stores,
};
pub use writer::{MAX_GROUP_UNITS, Outcome, Rejected, UnitDone, Writer};
