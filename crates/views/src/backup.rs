//! The `backup` view: server-side backups of room keys, as clients read them back.

use std::{collections::BTreeMap, ops::ControlFlow};

use domain::{
    Area, BackupFact, EndingFact, Fact,
    backup::{BackupKeysStored, Scope, Sessions, Totals},
};
use projection::{Batch, Fold, KeyRange, Order, Place, Rows, Table, ViewFault};
use ruma::{
    OwnedRoomId, RoomId, UserId,
    api::client::backup::{BackupAlgorithm, KeyBackupData},
    serde::Raw,
};
use serde::{Deserialize, Serialize};

use crate::{Audience, Touched};

const VIEW: u8 = 8;
/// User, version: the backup without its keys.
const BACKUPS: Table<(String, u64), Row> = Table::new(VIEW, 1);
/// User, version, room, session: the session's data.
const SESSIONS: Table<(String, u64, String, String), Raw<KeyBackupData>> = Table::new(VIEW, 2);

#[derive(Serialize, Deserialize)]
struct Row {
    info: Raw<BackupAlgorithm>,
    totals: Totals,
}

/// A backup without its keys.
#[derive(Clone, Debug)]
pub struct Backup {
    /// Rises with each backup of a person.
    pub version: u64,
    /// The algorithm and its public data.
    pub info: Raw<BackupAlgorithm>,
    /// What a client compares to see whether the backup changed.
    pub totals: Totals,
}

/// The newest backup of a person.
///
/// # Errors
/// When rows cannot be read.
pub fn latest_backup(rows: &dyn Rows, user: &UserId) -> Result<Option<Backup>, ViewFault> {
    let found = BACKUPS.last(rows, KeyRange::prefix(user.as_str()))?;
    Ok(found.map(|((_, version), Row { info, totals })| Backup { version, info, totals }))
}

/// One backup, by the version that a client names.
///
/// # Errors
/// When rows cannot be read.
pub fn backup(rows: &dyn Rows, user: &UserId, version: &str) -> Result<Option<Backup>, ViewFault> {
    let Ok(version) = version.parse() else { return Ok(None) };
    let found = BACKUPS.get(rows, &(user.as_str(), version))?;
    Ok(found.map(|Row { info, totals }| Backup { version, info, totals }))
}

/// Keys of a backup. Its clients bound their number.
///
/// # Errors
/// When rows cannot be read.
pub fn backup_keys(rows: &dyn Rows, user: &UserId, version: u64, scope: &Scope) -> Result<Sessions, ViewFault> {
    let mut rooms: BTreeMap<OwnedRoomId, BTreeMap<String, Raw<KeyBackupData>>> = BTreeMap::new();
    SESSIONS.scan(rows, range(user, version, scope), Order::Ascending, |(_, _, room, session), data| {
        if let Ok(room) = OwnedRoomId::try_from(room) {
            rooms.entry(room).or_default().insert(session, data);
        }
        ControlFlow::Continue(())
    })?;
    Ok(rooms)
}

/// The place of a session in a backup: its room and its id.
pub type SessionPlace = (String, String);

/// One page of the keys of a backup, or of one room in it, by room and session: those behind `after`, at most `limit`.
///
/// # Errors
/// When rows cannot be read.
pub fn backup_page(
    rows: &dyn Rows,
    user: &UserId,
    version: u64,
    room: Option<&RoomId>,
    after: Option<&SessionPlace>,
    limit: usize,
) -> Result<Vec<(SessionPlace, Raw<KeyBackupData>)>, ViewFault> {
    let user = user.as_str();
    let start = after.map(|(room, session)| (user, version, room.as_str(), session.as_str()));
    let range = match (room.map(RoomId::as_str), start) {
        (None, None) => KeyRange::prefix(&(user, version)),
        (None, Some(start)) => KeyRange::prefix_after(&(user, version), &start),
        (Some(room), None) => KeyRange::prefix(&(user, version, room)),
        (Some(room), Some(start)) => KeyRange::prefix_after(&(user, version, room), &start),
    };
    let found = SESSIONS.collect(rows, range, Order::Ascending, limit)?;
    Ok(found.into_iter().map(|((_, _, room, session), data)| ((room, session), data)).collect())
}

fn range(user: &UserId, version: u64, scope: &Scope) -> KeyRange {
    let user = user.as_str();
    match scope {
        Scope::All => KeyRange::prefix(&(user, version)),
        Scope::Room(room) => KeyRange::prefix(&(user, version, room.as_str())),
        Scope::Session(room, session) => KeyRange::prefix(&(user, version, room.as_str(), session.as_str())),
    }
}

/// Folds backup facts.
pub struct BackupView;

impl Fold<Fact, Audience> for BackupView {
    fn name(&self) -> &'static str {
        "backup"
    }

    fn view(&self) -> u8 {
        VIEW
    }

    fn version(&self) -> u32 {
        2
    }

    fn fold(&self, batch: &mut Batch<'_>, _: &mut Touched, fact: &Fact, _: &Place) -> Result<(), ViewFault> {
        match fact.area() {
            Area::Backup(fact) => match fact {
                BackupFact::BackupCreated(fact) => {
                    let row = Row { info: fact.info.clone(), totals: Totals::default() };
                    BACKUPS.put(batch, &(fact.user_id.as_str(), fact.version), &row)
                }
                BackupFact::BackupUpdated(fact) => {
                    change(batch, &fact.user_id, fact.version, |row| row.info = fact.info.clone())
                }
                BackupFact::BackupDeleted(fact) => {
                    SESSIONS.delete_all(batch, range(&fact.user_id, fact.version, &Scope::All))?;
                    BACKUPS.delete(batch, &(fact.user_id.as_str(), fact.version))
                }
                BackupFact::BackupKeysStored(fact) => store(batch, fact),
                BackupFact::BackupKeysDeleted(fact) => {
                    SESSIONS.delete_all(batch, range(&fact.user_id, fact.version, &fact.scope))?;
                    change(batch, &fact.user_id, fact.version, |row| row.totals = fact.totals)
                }
            },
            Area::Ending(fact) => match fact {
                EndingFact::BackupErased(fact) => {
                    SESSIONS.delete_all(batch, KeyRange::prefix(&(fact.user_id.as_str(),)))?;
                    BACKUPS.delete_all(batch, KeyRange::prefix(&(fact.user_id.as_str(),))).map(|_| ())
                }
                EndingFact::AccountDeactivated(_)
                | EndingFact::SessionClosed(_)
                | EndingFact::DehydratedDeviceRemoved(_)
                | EndingFact::AccountErased(_)
                | EndingFact::EmailsErased(_)
                | EndingFact::InboxErased(_) => Ok(()),
            },
            Area::Room(_)
            | Area::Directory(_)
            | Area::Account(_)
            | Area::Data(_)
            | Area::Media(_)
            | Area::Keys(_)
            | Area::Inbox(_)
            | Area::Outbox(_) => Ok(()),
        }
    }
}

fn store(batch: &mut Batch<'_>, fact: &BackupKeysStored) -> Result<(), ViewFault> {
    for (room, sessions) in &fact.rooms {
        for (session, data) in sessions {
            let key = (fact.user_id.as_str(), fact.version, room.as_str(), session.as_str());
            SESSIONS.put(batch, &key, data)?;
        }
    }
    change(batch, &fact.user_id, fact.version, |row| row.totals = fact.totals)
}

/// Changes a backup's row. There is none when the record that created the backup is parked: nobody asks for it then.
fn change(batch: &mut Batch<'_>, user: &UserId, version: u64, change: impl FnOnce(&mut Row)) -> Result<(), ViewFault> {
    let key = (user.as_str(), version);
    let Some(mut row) = BACKUPS.get(batch, &key)? else { return Ok(()) };
    change(&mut row);
    BACKUPS.put(batch, &key, &row)
}
