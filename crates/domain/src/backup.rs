//! Server-side backups of room keys (spec: "Server-side key backups"). The keys in them are encrypted by the client;
//! the server knows how good each copy is, not what it opens.

mod create;
mod delete;
mod erase;
mod facts;
mod keys;
mod state;
#[cfg(test)]
mod tests;

pub use create::{CreateBackup, UpdateBackup};
pub use delete::{DeleteBackup, DeleteKeys};
pub use erase::EraseBackups;
pub use facts::{BackupCreated, BackupDeleted, BackupKeysDeleted, BackupKeysStored, BackupUpdated, Scope, Sessions, Totals};
pub use keys::StoreKeys;
pub use state::BackupState;

/// Bytes of the algorithm and its public data.
pub const INFO_BYTES_MAX: usize = 16 << 10;
/// Bytes of one session's data.
pub const SESSION_BYTES_MAX: usize = 16 << 10;
/// Bytes of a session id. Megolm's have 43.
pub const SESSION_ID_BYTES_MAX: usize = 255;
/// Bytes of a room id.
pub const ROOM_ID_BYTES_MAX: usize = 255;
/// Bytes of all sessions in one request to store them; a unit of the log holds 16 MiB.
pub const STORED_BYTES_MAX: usize = 8 << 20;
/// Backups of one person; who resets a backup without deleting it has one more.
pub const BACKUPS_MAX: usize = 100;
/// Bytes of all sessions in all backups of one person, each with the ids of its room and its own. 500,000 real ones have some 400 MiB.
pub const BACKUPS_BYTES_MAX: u64 = 1 << 30;
/// Sessions in one backup.
pub const SESSIONS_MAX: usize = 500_000;
