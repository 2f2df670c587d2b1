//! What the lane of a person's backups knows: which there are, and how good each stored key is.

use std::collections::BTreeMap;

use ruma::{
    OwnedRoomId, OwnedUserId, RoomId, UInt,
    api::{
        client::backup::{BackupAlgorithm, KeyBackupData},
        error::{ErrorKind, WrongRoomKeysVersionErrorData},
    },
    serde::Raw,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Scope, Totals};
use crate::{Aggregate, Fact, Rejection, Stream, short_digest::ShortDigest};

/// The algorithm of backups that has a public key.
const MEGOLM: &str = "m.megolm_backup.v1.curve25519-aes-sha2";

/// All backups of one person.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct BackupState {
    backups: BTreeMap<u64, Backup>,
    newest: u64,
}

#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Backup {
    pub(super) algorithm: String,
    pub(super) info: Raw<BackupAlgorithm>,
    pub(super) totals: Totals,
    /// By digests of their ids: those are long, and this is held for every session of every backup.
    sessions: BTreeMap<OwnedRoomId, BTreeMap<ShortDigest, StoredCopy>>,
    /// Bytes of all of them.
    bytes: u64,
}

/// The copy of a session that is stored.
#[derive(Clone, Serialize, Deserialize)]
struct StoredCopy {
    quality: Quality,
    bytes: u64,
}

/// What a session counts for.
pub(super) fn bytes_of(room: &RoomId, session_id: &str, data: &Raw<KeyBackupData>) -> u64 {
    (room.as_str().len() + session_id.len() + data.json().get().len()) as u64
}

/// How good a copy of a session is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Quality {
    first_message_index: UInt,
    forwarded_count: UInt,
    is_verified: bool,
}

impl Quality {
    pub(super) fn of(session: &Raw<KeyBackupData>) -> Option<Self> {
        session.deserialize_as_unchecked().ok()
    }

    /// Spec: "Backup algorithms", what to do when a session is already there.
    pub(super) fn is_better_than(&self, other: &Self) -> bool {
        let rank = |q: &Self| (!q.is_verified, q.first_message_index, q.forwarded_count);
        rank(self) < rank(other)
    }
}

impl Backup {
    pub(super) fn quality(&self, room: &RoomId, session_id: &str) -> Option<&Quality> {
        Some(&self.copy(room, session_id)?.quality)
    }

    /// Bytes of a session; 0 when it is not there.
    pub(super) fn bytes(&self, room: &RoomId, session_id: &str) -> u64 {
        self.copy(room, session_id).map_or(0, |copy| copy.bytes)
    }

    fn copy(&self, room: &RoomId, session_id: &str) -> Option<&StoredCopy> {
        self.sessions.get(room)?.get(&ShortDigest::of(session_id))
    }

    fn put(&mut self, room: &RoomId, session_id: &str, data: &Raw<KeyBackupData>) {
        let Some(quality) = Quality::of(data) else { return };
        let copy = StoredCopy { quality, bytes: bytes_of(room, session_id, data) };
        self.bytes += copy.bytes;
        let replaced = self.sessions.entry(room.to_owned()).or_default().insert(ShortDigest::of(session_id), copy);
        self.forget(replaced);
    }

    fn delete(&mut self, scope: &Scope) {
        let deleted: Vec<StoredCopy> = match scope {
            Scope::All => std::mem::take(&mut self.sessions).into_values().flat_map(BTreeMap::into_values).collect(),
            Scope::Room(room) => self.sessions.remove(room).into_iter().flat_map(BTreeMap::into_values).collect(),
            Scope::Session(room, session) => {
                let known = self.sessions.get_mut(room);
                known.and_then(|known| known.remove(&ShortDigest::of(session))).into_iter().collect()
            }
        };
        self.forget(deleted);
    }

    fn forget(&mut self, copies: impl IntoIterator<Item = StoredCopy>) {
        let bytes: u64 = copies.into_iter().map(|copy| copy.bytes).sum();
        self.bytes = self.bytes.saturating_sub(bytes);
    }

    /// How many sessions are in a scope.
    pub(super) fn count(&self, scope: &Scope) -> u64 {
        let count = match scope {
            Scope::All => self.sessions.values().map(BTreeMap::len).sum(),
            Scope::Room(room) => self.sessions.get(room).map_or(0, BTreeMap::len),
            Scope::Session(room, session) => usize::from(self.quality(room, session).is_some()),
        };
        count as u64
    }
}

impl BackupState {
    /// How many backups there are.
    pub(super) fn len(&self) -> usize {
        self.backups.len()
    }

    /// Bytes of all sessions in all of them.
    pub(super) fn bytes(&self) -> u64 {
        self.backups.values().map(|backup| backup.bytes).sum()
    }

    /// The number of the next backup.
    pub(super) fn next_version(&self) -> u64 {
        self.newest + 1
    }

    /// A backup by the version that a client names.
    ///
    /// # Errors
    /// 404 `M_NOT_FOUND` when there is none.
    pub(super) fn backup(&self, version: &str) -> Result<(u64, &Backup), Rejection> {
        let number = version.parse().ok();
        number
            .and_then(|number| Some((number, self.backups.get(&number)?)))
            .ok_or_else(|| Rejection::not_found("There is no backup of that version."))
    }

    /// The backup that may be written to: the newest one there is.
    ///
    /// # Errors
    /// 404 `M_NOT_FOUND` when there is no such backup; 403 `M_WRONG_ROOM_KEYS_VERSION` when it is not the newest.
    pub(super) fn current(&self, version: &str) -> Result<(u64, &Backup), Rejection> {
        let (number, backup) = self.backup(version)?;
        match self.backups.last_key_value() {
            Some((newest, _)) if *newest != number => {
                let kind = ErrorKind::WrongRoomKeysVersion(WrongRoomKeysVersionErrorData::new(newest.to_string()));
                Err(Rejection::new(403, kind, "There is a newer backup. Use that one."))
            }
            _ => Ok((number, backup)),
        }
    }
}

impl Aggregate for BackupState {
    const SNAPSHOT_VERSION: u32 = 2;

    type Key = OwnedUserId;

    fn stream(user_id: &OwnedUserId) -> Stream {
        Stream::Backup(user_id.clone())
    }

    fn evolve(&mut self, fact: &Fact) {
        match fact {
            Fact::BackupCreated(fact) => {
                let algorithm = algorithm_of(&fact.info).unwrap_or_default();
                let (info, totals, sessions) = (fact.info.clone(), Totals::default(), BTreeMap::new());
                self.backups.insert(fact.version, Backup { algorithm, info, totals, sessions, bytes: 0 });
                self.newest = fact.version;
            }
            Fact::BackupUpdated(fact) => {
                if let Some(backup) = self.backups.get_mut(&fact.version) {
                    backup.info = fact.info.clone();
                }
            }
            Fact::BackupDeleted(fact) => {
                self.backups.remove(&fact.version);
            }
            Fact::BackupKeysStored(fact) => {
                let Some(backup) = self.backups.get_mut(&fact.version) else { return };
                backup.totals = fact.totals;
                for (room, sessions) in &fact.rooms {
                    sessions.iter().for_each(|(session_id, data)| backup.put(room, session_id, data));
                }
            }
            Fact::BackupKeysDeleted(fact) => {
                let Some(backup) = self.backups.get_mut(&fact.version) else { return };
                backup.totals = fact.totals;
                backup.delete(&fact.scope);
            }
            Fact::BackupErased(_) => *self = Self::default(),
            _ => {}
        }
    }
}

/// The algorithm's name; none when the object is not what the endpoint takes.
pub(super) fn algorithm_of(info: &Raw<BackupAlgorithm>) -> Option<String> {
    #[derive(Deserialize)]
    struct Info {
        algorithm: String,
        auth_data: BTreeMap<String, Value>,
    }
    // Of the data the specification asks for the public key; ruma asks for signatures as well.
    let Info { algorithm, auth_data } = serde_json::from_str(info.json().get()).ok()?;
    let has_key = auth_data.get("public_key").is_some_and(Value::is_string);
    (algorithm != MEGOLM || has_key).then_some(algorithm)
}
