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

use super::{Scope, Totals};
use crate::{Aggregate, Fact, Rejection, Stream, short_digest::ShortDigest};

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
    sessions: BTreeMap<OwnedRoomId, BTreeMap<ShortDigest, Quality>>,
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
        self.sessions.get(room)?.get(&ShortDigest::of(session_id))
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
    const SNAPSHOT_VERSION: u32 = 1;

    type Key = OwnedUserId;

    fn stream(user_id: &OwnedUserId) -> Stream {
        Stream::Backup(user_id.clone())
    }

    fn evolve(&mut self, fact: &Fact) {
        match fact {
            Fact::BackupCreated(fact) => {
                let algorithm = algorithm_of(&fact.info).unwrap_or_default();
                let (info, totals, sessions) = (fact.info.clone(), Totals::default(), BTreeMap::new());
                self.backups.insert(fact.version, Backup { algorithm, info, totals, sessions });
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
                    let known = backup.sessions.entry(room.clone()).or_default();
                    known.extend(sessions.iter().filter_map(|(id, data)| Some((ShortDigest::of(id), Quality::of(data)?))));
                }
            }
            Fact::BackupKeysDeleted(fact) => {
                let Some(backup) = self.backups.get_mut(&fact.version) else { return };
                backup.totals = fact.totals;
                match &fact.scope {
                    Scope::All => backup.sessions.clear(),
                    Scope::Room(room) => {
                        backup.sessions.remove(room);
                    }
                    Scope::Session(room, session) => {
                        if let Some(sessions) = backup.sessions.get_mut(room) {
                            sessions.remove(&ShortDigest::of(session));
                        }
                    }
                }
            }
            _ => {}
        }
    }
}

/// The algorithm's name; none when the object is not what the endpoint takes.
pub(super) fn algorithm_of(info: &Raw<BackupAlgorithm>) -> Option<String> {
    info.deserialize().ok().map(|info| info.algorithm().to_owned())
}
