//! Stores keys in a backup (spec: `PUT /room_keys/keys…`).

use ruma::{OwnedUserId, RoomId, api::client::backup::KeyBackupData, serde::Raw};

use super::{
    BACKUPS_BYTES_MAX, BackupKeysStored, BackupState, ROOM_ID_BYTES_MAX, SESSION_BYTES_MAX, SESSION_ID_BYTES_MAX,
    SESSIONS_MAX, STORED_BYTES_MAX, Sessions, Totals,
    state::{Backup, Quality, bytes_of},
};
use crate::{Command, Context, Decision, Fact, Rejection};

/// Bytes of sessions in one fact; a record's payload has at most 1 MiB.
const FACT_BYTES_MAX: usize = 256 << 10;
/// Bytes of colons, commas and braces around one session.
const PUNCTUATION_BYTES: usize = 6;
/// Sessions in one request. The body's limit comes first; this one bounds the work.
const SESSIONS_PER_REQUEST_MAX: usize = 20_000;

/// Stores sessions. One that is there already is replaced only by a better copy.
#[derive(Clone, Debug)]
pub struct StoreKeys {
    /// Whose backup.
    pub user_id: OwnedUserId,
    /// Which backup, as the client names it.
    pub version: String,
    /// The sessions.
    pub rooms: Sessions,
}

impl Command for StoreKeys {
    type On = BackupState;
    type Reply = Totals;

    fn key(&self) -> OwnedUserId {
        self.user_id.clone()
    }

    fn decide(self, state: &BackupState, _: &Context<'_>) -> Result<Decision<Totals>, Rejection> {
        let (version, backup) = state.current(&self.version)?;
        let (better, added, more_bytes) = better_sessions(self.rooms, backup)?;
        if better.is_empty() {
            return Ok(Decision::AlreadyDone(backup.totals));
        }
        let totals = Totals { etag: backup.totals.etag + 1, count: backup.totals.count + added };
        if totals.count > SESSIONS_MAX as u64 {
            return Err(Rejection::too_large("A backup has at most 500,000 sessions."));
        }
        if more_bytes > 0 && state.bytes().saturating_add_signed(more_bytes) > BACKUPS_BYTES_MAX {
            return Err(Rejection::too_large("All backups have at most 1 GiB. Delete an older one first."));
        }
        let facts = split(better).into_iter().map(|rooms| {
            let user_id = self.user_id.clone();
            Fact::BackupKeysStored(BackupKeysStored { user_id, version, totals, rooms })
        });
        Ok(Decision::accept(facts, totals))
    }
}

/// The sessions that are new or better than what is there, how many of them are new, and how many bytes more that is.
fn better_sessions(rooms: Sessions, backup: &Backup) -> Result<(Sessions, u64, i64), Rejection> {
    if rooms.values().map(std::collections::BTreeMap::len).sum::<usize>() > SESSIONS_PER_REQUEST_MAX {
        return Err(Rejection::too_large("One request stores at most 20,000 sessions."));
    }
    if rooms.keys().any(|room| room.as_str().len() > ROOM_ID_BYTES_MAX) {
        return Err(Rejection::invalid_param("A room id has at most 255 bytes."));
    }
    let sizes = rooms.iter().flat_map(|(room, sessions)| sessions.iter().map(move |(id, data)| size_of(room, id, data)));
    if sizes.sum::<usize>() > STORED_BYTES_MAX {
        return Err(Rejection::too_large("One request stores at most 8 MiB."));
    }
    let (mut better, mut added, mut more_bytes) = (Sessions::new(), 0, 0);
    for (room, sessions) in rooms {
        for (session_id, data) in sessions {
            if session_id.len() > SESSION_ID_BYTES_MAX || data.json().get().len() > SESSION_BYTES_MAX {
                return Err(Rejection::too_large("A session id has at most 255 bytes, its data 16 KiB."));
            }
            let quality = Quality::of(&data).filter(|_| data.deserialize().is_ok());
            let quality = quality.ok_or_else(|| Rejection::bad_json("The data of a session does not read."))?;
            match backup.quality(&room, &session_id) {
                Some(known) if !quality.is_better_than(known) => continue,
                Some(_) => {}
                None => added += 1,
            }
            more_bytes += bytes_of(&room, &session_id, &data).cast_signed();
            more_bytes -= backup.bytes(&room, &session_id).cast_signed();
            better.entry(room.clone()).or_default().insert(session_id, data);
        }
    }
    Ok((better, added, more_bytes))
}

/// Bytes of a session in a record, with the ids escaped as they are there and as if each had a room of its own.
fn size_of(room: &RoomId, session_id: &str, data: &Raw<KeyBackupData>) -> usize {
    let escaped = |id: &str| serde_json::to_string(id).map_or(6 * id.len(), |json| json.len());
    escaped(room.as_str()) + escaped(session_id) + data.json().get().len() + PUNCTUATION_BYTES
}

/// Parts that each fit into a record.
fn split(rooms: Sessions) -> Vec<Sessions> {
    let (mut parts, mut part, mut bytes) = (Vec::new(), Sessions::new(), 0);
    for (room, sessions) in rooms {
        for (session_id, data) in sessions {
            let size = size_of(&room, &session_id, &data);
            if bytes + size > FACT_BYTES_MAX && !part.is_empty() {
                parts.push(std::mem::take(&mut part));
                bytes = 0;
            }
            bytes += size;
            part.entry(room.clone()).or_default().insert(session_id, data);
        }
    }
    parts.push(part);
    parts
}
