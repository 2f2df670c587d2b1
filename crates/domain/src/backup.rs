//! Server-side backups of room keys (spec: "Server-side key backups"). The keys in them are encrypted by the client;
//! the server knows how good each copy is, not what it opens.

mod create;
mod delete;
mod keys;
mod state;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use ruma::{
    OwnedRoomId, OwnedUserId,
    api::client::backup::{BackupAlgorithm, KeyBackupData},
    serde::Raw,
};
use serde::{Deserialize, Serialize};

pub use create::{CreateBackup, UpdateBackup};
pub use delete::{DeleteBackup, DeleteKeys};
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
/// Sessions in one backup.
pub const SESSIONS_MAX: usize = 500_000;

/// Sessions by room and id.
pub type Sessions = BTreeMap<OwnedRoomId, BTreeMap<String, Raw<KeyBackupData>>>;

/// A backup was created. It is the one that clients use from then on.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BackupCreated {
    /// The algorithm and its public data.
    pub info: Raw<BackupAlgorithm>,
    /// Whose backup.
    pub user_id: OwnedUserId,
    /// Rises with each backup of a person, never given twice.
    pub version: u64,
}

/// The public data of a backup changed, such as the signatures on it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BackupUpdated {
    /// The algorithm, which stays the same, and its public data.
    pub info: Raw<BackupAlgorithm>,
    /// Whose backup.
    pub user_id: OwnedUserId,
    /// Which backup.
    pub version: u64,
}

/// A backup was deleted with all its keys.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BackupDeleted {
    /// Whose backup.
    pub user_id: OwnedUserId,
    /// Which backup.
    pub version: u64,
}

/// Keys were stored. Each is new or better than the one that it replaces.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BackupKeysStored {
    /// The sessions.
    pub rooms: Sessions,
    /// The backup as it is now.
    pub totals: Totals,
    /// Whose backup.
    pub user_id: OwnedUserId,
    /// Which backup.
    pub version: u64,
}

/// Keys were deleted.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BackupKeysDeleted {
    /// Which keys.
    pub scope: Scope,
    /// The backup as it is now.
    pub totals: Totals,
    /// Whose backup.
    pub user_id: OwnedUserId,
    /// Which backup.
    pub version: u64,
}

/// What a client compares to see whether the backup changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// How many sessions there are.
    pub count: u64,
    /// Rises with each change of the keys.
    pub etag: u64,
}

/// Which keys of a backup are meant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// All of them.
    All,
    /// Those of one room.
    Room(OwnedRoomId),
    /// One session.
    Session(OwnedRoomId, String),
}
