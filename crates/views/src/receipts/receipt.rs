//! Receipts: who has read how far.

use domain::user::receipts::{ReceiptKind, ReceiptSet};
use projection::{Batch, KeyRange, Order, Rows, Table, ViewFault};
use ruma::{OwnedEventId, OwnedUserId, RoomId, UserId};
use serde::{Deserialize, Serialize};

use super::tables::VIEW;
use crate::Reader;

/// (Room id, user id, kind, thread or nothing) → receipt.
const RECEIPTS: Table<(String, String, String, String), ReceiptRow> = Table::new(VIEW, 1).held();
/// (Room id, position) → user id, kind, thread or nothing: which receipt was set there, and has not been set since.
const BY_POSITION: Table<(String, u64), (String, ReceiptKind, String)> = Table::by_position(VIEW, 2);
/// (User id, room id) → nothing: where somebody has set receipts.
const ROOMS: Table<(String, String), ()> = Table::new(VIEW, 7);
/// How many receipts of one room a sync is given at most; the newest ones count.
pub const RECEIPTS_PER_ROOM_MAX: usize = 5_000;

/// One receipt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptRow {
    /// Who has read.
    pub user_id: OwnedUserId,
    /// Who may see it.
    pub kind: ReceiptKind,
    /// `main` or the id of a thread's root; none for the whole room.
    pub thread: Option<String>,
    /// Read up to here.
    pub event_id: OwnedEventId,
    /// Where in the log that event is.
    pub event_position: u64,
    /// When, milliseconds since the epoch.
    pub ts_ms: u64,
    /// Where the receipt itself is.
    pub position: u64,
}

pub(super) fn set(batch: &mut Batch<'_>, fact: &ReceiptSet, position: u64) -> Result<(), ViewFault> {
    let (room, user) = (fact.room_id.as_str(), fact.user_id.as_str());
    let thread = fact.thread.as_deref().unwrap_or_default();
    let key = (room, user, fact.kind.as_str(), thread);
    if let Some(old) = RECEIPTS.get(batch, &key)? {
        BY_POSITION.delete(batch, &(room, old.position))?;
    }
    let row = ReceiptRow {
        user_id: fact.user_id.clone(),
        kind: fact.kind,
        thread: fact.thread.clone(),
        event_id: fact.event_id.clone(),
        event_position: fact.event_position,
        ts_ms: fact.ts_ms,
        position,
    };
    RECEIPTS.put(batch, &key, &row)?;
    ROOMS.put(batch, &(user, room), &())?;
    BY_POSITION.put(batch, &(room, position), &(user.to_owned(), fact.kind, thread.to_owned()))
}

/// Forgets all receipts of a person.
pub(super) fn erase(batch: &mut Batch<'_>, user_id: &UserId) -> Result<(), ViewFault> {
    let user = user_id.as_str();
    for (_, room) in ROOMS.collect_keys(batch, KeyRange::prefix(&(user,)), Order::Ascending, usize::MAX)? {
        let range = KeyRange::prefix(&(room.as_str(), user));
        for (_, row) in RECEIPTS.collect(batch, range.clone(), Order::Ascending, usize::MAX)? {
            BY_POSITION.delete(batch, &(room.as_str(), row.position))?;
        }
        RECEIPTS.delete_all(batch, range)?;
        ROOMS.delete(batch, &(user, room.as_str()))?;
    }
    Ok(())
}

/// Receipts of a room that were set after position `since`, newest first: those everybody may see, of people whom the reader
/// does not ignore, and the reader's own.
///
/// # Errors
/// Storage failed.
pub fn receipts_in_room_since(
    rows: &dyn Rows,
    room_id: &RoomId,
    reader: &Reader,
    since: u64,
) -> Result<Vec<ReceiptRow>, ViewFault> {
    let room = room_id.as_str();
    let range = KeyRange::newer(&(room,), since);
    let mut found = Vec::new();
    for (_, (user, kind, thread)) in BY_POSITION.collect(rows, range, Order::Descending, RECEIPTS_PER_ROOM_MAX)? {
        if kind == ReceiptKind::Public || user == reader.user().as_str() {
            let row = RECEIPTS.get(rows, &(room, user.as_str(), kind.as_str(), thread.as_str()))?;
            found.extend(row.filter(|row| !reader.ignores(&row.user_id)));
        }
    }
    Ok(found)
}

/// Whether a person set a receipt in a room after position `since`. Mostly nobody did, and nothing is read.
///
/// # Errors
/// Storage failed.
pub fn has_read_since(rows: &dyn Rows, room_id: &RoomId, user_id: &UserId, since: u64) -> Result<bool, ViewFault> {
    if !BY_POSITION.may_have(rows, &KeyRange::newer(&(room_id.as_str(),), since)) {
        return Ok(false);
    }
    Ok(receipts_of(rows, room_id, user_id)?.iter().any(|receipt| receipt.position > since))
}

/// All receipts of one person in a room, of every kind and thread.
///
/// # Errors
/// Storage failed.
pub(super) fn receipts_of(rows: &dyn Rows, room_id: &RoomId, user_id: &UserId) -> Result<Vec<ReceiptRow>, ViewFault> {
    let range = KeyRange::prefix(&(room_id.as_str(), user_id.as_str()));
    let found = RECEIPTS.collect(rows, range, Order::Ascending, RECEIPTS_PER_ROOM_MAX)?;
    Ok(found.into_iter().map(|(_, row)| row).collect())
}
