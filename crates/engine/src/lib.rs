//! The shell around the pure rules: takes commands, decides them one at a time for each stream, has the facts recorded
//! and folded, and wakes those who wait for them.
//!
//! It knows no HTTP and no RocksDB; storage, time and randomness come in through ports.

mod background;
mod blobs;
mod causes;
mod codec;
mod effects;
mod engine;
pub mod ephemeral;
mod error;
mod expiry;
mod follower;
mod health;
mod keeping;
mod lane;
mod lanes;
mod lookup;
mod memory;
mod password;
mod ports;
mod push;
mod queued;
mod readiness;
mod reads;
mod retention;
mod snapshot;
mod snapshot_check;
mod token;
mod turns;
mod waiters;

pub use blobs::{BlobDigest, BlobError, BlobReader, BlobStore, BlobWriter, Blobs};
pub use causes::with_causes;
pub use codec::FactDecoder;
pub use engine::{Engine, EngineParts};
pub use error::{StartError, SubmitError};
pub use health::{Health, Status};
pub use lanes::{HasLanes, LANES_MAX};
pub use memory::MemoryBounds;
pub use password::{PASSWORD_MEMORY_BYTES, Passwords};
pub use ports::{EntropySource, SystemEntropy};
// What the views' rows take in memory is part of the engine's budgets.
pub use projection::HELD_PREFIX_BYTES_MAX;
pub use push::{PushError, PushGateway, PushPace};
pub use queued::UNIT_BYTES_MAX;
pub use reads::LONG_READS_WAITING_MAX;
pub use retention::Ended;
pub use snapshot::SnapshotInterval;
pub use snapshot_check::{SnapshotCheck, check_snapshots};
pub use turns::PERSON_LONG_READS_MAX;
pub use waiters::{Waiter, Waiters};
