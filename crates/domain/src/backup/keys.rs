//! Stores keys in a backup (spec: `PUT /room_keys/keys…`).

use ruma::OwnedUserId;

use super::{
    BackupKeysStored, BackupState, SESSION_BYTES_MAX, SESSION_ID_BYTES_MAX, SESSIONS_MAX, Sessions, Totals,
    state::{Backup, Quality},
};
use crate::{Command, Context, Decision, Fact, Rejection};

/// Bytes of sessions in one fact; a record's payload has at most 1 MiB.
const FACT_BYTES_MAX: usize = 256 << 10;
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
        let (better, added) = better_sessions(self.rooms, backup)?;
        if better.is_empty() {
            return Ok(Decision::AlreadyDone(backup.totals));
        }
        let totals = Totals { etag: backup.totals.etag + 1, count: backup.totals.count + added };
        if totals.count > SESSIONS_MAX as u64 {
            return Err(Rejection::too_large("A backup has at most 500,000 sessions."));
        }
        let facts = split(better).into_iter().map(|rooms| {
            let user_id = self.user_id.clone();
            Fact::BackupKeysStored(BackupKeysStored { user_id, version, totals, rooms })
        });
        Ok(Decision::accept(facts, totals))
    }
}

/// The sessions that are new or better than what is there, and how many of them are new.
fn better_sessions(rooms: Sessions, backup: &Backup) -> Result<(Sessions, u64), Rejection> {
    if rooms.values().map(std::collections::BTreeMap::len).sum::<usize>() > SESSIONS_PER_REQUEST_MAX {
        return Err(Rejection::too_large("One request stores at most 20,000 sessions."));
    }
    let (mut better, mut added) = (Sessions::new(), 0);
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
            better.entry(room.clone()).or_default().insert(session_id, data);
        }
    }
    Ok((better, added))
}

/// Parts that each fit into a record.
fn split(rooms: Sessions) -> Vec<Sessions> {
    let (mut parts, mut part, mut bytes) = (Vec::new(), Sessions::new(), 0);
    for (room, sessions) in rooms {
        for (session_id, data) in sessions {
            let size = room.as_str().len() + session_id.len() + data.json().get().len();
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
