//! Counts what a person has not read in a room (spec: "Receiving notifications", `unread_notifications`).
//!
//! Counted when asked, from an index of what notifies; a count that is kept goes wrong with every redaction.

use std::{collections::BTreeSet, ops::ControlFlow};

use domain::room::{Pdu, PduPruned, RelatesTo};
use projection::{Batch, KeyRange, Order, Rows, Table, ViewFault};
use ruma::{OwnedUserId, RoomId};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    receipt::receipts_of,
    rules::{PushRules, notifies},
    tables::VIEW,
};
use crate::{
    Reader, membership,
    rooms::{TimelineRow, entry_at},
};

/// Counts stop here: clients show no larger ones, and every sync of a busy room counts anew.
pub const UNREAD_MAX: usize = 100;
/// Events of people who are ignored that are looked at for one count.
const HIDDEN_MAX: usize = 10_000;
/// Events that are judged by a person's own push rules for one count.
const JUDGED_MAX: usize = 500;
/// People that one event can mention so that they are counted.
const MENTIONS_MAX: usize = 50;

/// (Room id, position) → sender: events that notify everybody but their senders, and those who ignore these.
const NOTIFYING: Table<(String, u64), OwnedUserId> = Table::by_position(VIEW, 3);
/// (Room id, position) → user ids: whom a readable event mentions.
const MENTIONS: Table<(String, u64), Vec<String>> = Table::by_position(VIEW, 4);
/// (Room id, user id) → position of the newest event of the person that is not state.
const LAST_SENT: Table<(String, String), u64> = Table::new(VIEW, 5);

/// How much is unread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unread {
    /// Events that would have notified.
    pub notification_count: usize,
    /// Those among them that mention the person.
    pub highlight_count: usize,
}

/// How much a person has not read in a room: events of others after the person's newest receipt of either kind, and
/// after the person's own newest event and joining, without events of those whom they ignore. Both counts stop at
/// [`UNREAD_MAX`].
///
/// # Errors
/// Storage failed.
pub fn unread(rows: &dyn Rows, room_id: &RoomId, reader: &Reader) -> Result<Unread, ViewFault> {
    let (room, user_id) = (room_id.as_str(), reader.user());
    // A receipt of one thread says nothing of the rest of the room.
    let is_of_room = |thread: Option<&str>| thread.is_none_or(|thread| thread == "main");
    let read = receipts_of(rows, room_id, user_id)?
        .into_iter()
        .filter(|receipt| is_of_room(receipt.thread.as_deref()))
        .map(|receipt| receipt.event_position)
        .max()
        .unwrap_or_default();
    // Who writes in a room has read it: this is what clients assume when they send no receipt for their own events.
    let sent = LAST_SENT.get(rows, &(room, user_id.as_str()))?.unwrap_or_default();
    let joined_at = membership::joined_at(rows, room_id, user_id)?.unwrap_or_default();
    let since = read.max(sent).max(joined_at);
    let range = KeyRange::newer(&(room,), since);
    if NOTIFYING.may_have(rows, &range)
        && let Some(rules) = PushRules::changed(rows, room_id, user_id)?
    {
        return judged(rows, room_id, reader, range, &rules);
    }
    let hidden = hidden(rows, range.clone(), reader)?;
    let mut highlight_count = 0;
    MENTIONS.scan(rows, range.clone(), Order::Ascending, |(_, position), users| {
        let mentions = users.iter().any(|user| user == user_id.as_str()) && !hidden.contains(&position);
        highlight_count += usize::from(mentions);
        if highlight_count < UNREAD_MAX { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    let counted = NOTIFYING.count(rows, range, UNREAD_MAX + hidden.len())?;
    Ok(Unread { notification_count: counted - hidden.len().min(counted), highlight_count })
}

/// Counts what would notify by the person's own rules.
fn judged(
    rows: &dyn Rows,
    room_id: &RoomId,
    reader: &Reader,
    range: KeyRange,
    rules: &PushRules,
) -> Result<Unread, ViewFault> {
    let mut unread = Unread::default();
    for ((_, position), sender) in NOTIFYING.collect(rows, range, Order::Ascending, JUDGED_MAX)? {
        if reader.ignores(&sender) {
            continue;
        }
        let Some(row) = entry_at(rows, room_id.as_str(), position)? else { continue };
        let (notifies, highlights) = notifies(rules.actions(&row)?);
        unread.notification_count += usize::from(notifies);
        unread.highlight_count += usize::from(highlights);
        if unread.notification_count == UNREAD_MAX {
            break;
        }
    }
    Ok(unread)
}

/// Where somebody whom the reader ignores would notify, up to where there is enough to count without it.
fn hidden(rows: &dyn Rows, range: KeyRange, reader: &Reader) -> Result<BTreeSet<u64>, ViewFault> {
    let mut hidden = BTreeSet::new();
    if !reader.ignores_anybody() {
        return Ok(hidden);
    }
    let mut counted = 0;
    NOTIFYING.scan(rows, range, Order::Ascending, |(_, position), sender| {
        if reader.ignores(&sender) {
            hidden.insert(position);
        } else {
            counted += 1;
        }
        let goes_on = counted < UNREAD_MAX && hidden.len() < HIDDEN_MAX;
        if goes_on { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    Ok(hidden)
}

/// Takes in a PDU that was added.
pub(super) fn added(batch: &mut Batch<'_>, pdu: &Pdu, position: u64) -> Result<(), ViewFault> {
    if pdu.state_key.is_some() {
        return Ok(());
    }
    let room = pdu.room_id.as_str();
    LAST_SENT.put(batch, &(room, pdu.sender.as_str()), &position)?;
    let Some(content) = notifying(&pdu.event_type.to_string(), &pdu.content) else { return Ok(()) };
    NOTIFYING.put(batch, &(room, position), &pdu.sender)?;
    let mentioned = content.mentions.map(|mentions| mentions.user_ids).unwrap_or_default();
    if mentioned.is_empty() {
        return Ok(());
    }
    MENTIONS.put(batch, &(room, position), &mentioned.into_iter().take(MENTIONS_MAX).collect())
}

/// Takes back a PDU that was redacted.
pub(super) fn pruned(batch: &mut Batch<'_>, pruned: &PduPruned) -> Result<(), ViewFault> {
    let pdu = &pruned.pdu;
    if pdu.state_key.is_some() {
        return Ok(());
    }
    gone(batch, pdu.room_id.as_str(), pdu.sender.as_str(), pruned.target_position)
}

/// Takes back a message. When folding anew after its payload was erased, it was never taken in: then this leaves the same
/// rows as well.
pub(super) fn gone(batch: &mut Batch<'_>, room: &str, sender: &str, position: u64) -> Result<(), ViewFault> {
    let sent = LAST_SENT.get(batch, &(room, sender))?.unwrap_or_default();
    LAST_SENT.put(batch, &(room, sender), &sent.max(position))?;
    NOTIFYING.delete(batch, &(room, position))?;
    MENTIONS.delete(batch, &(room, position))
}

/// Whether the default push rules notify of an event of somebody else: messages and calls do, state and edits do not.
#[must_use]
pub fn does_notify(row: &TimelineRow) -> bool {
    row.state_key.is_none() && row.redacted_by.is_none() && notifying(&row.event_type, &row.content).is_some()
}

#[derive(Default, Deserialize)]
struct Content {
    #[serde(default)]
    msgtype: Option<String>,
    #[serde(default, rename = "m.mentions")]
    mentions: Option<Mentions>,
}

#[derive(Deserialize)]
struct Mentions {
    #[serde(default)]
    user_ids: Vec<String>,
}

/// What matters of the content of an event that notifies; none for other events. Edits and notices notify nobody.
fn notifying(event_type: &str, content: &RawValue) -> Option<Content> {
    const NOTIFYING_TYPES: [&str; 6] = [
        "m.room.encrypted",
        "m.room.message",
        "m.sticker",
        "m.call.invite",
        "m.poll.start",
        "org.matrix.msc3381.poll.start",
    ];
    if !NOTIFYING_TYPES.contains(&event_type) {
        return None;
    }
    // Content that does not read as this has none of what would keep it quiet.
    let read: Content = serde_json::from_str(content.get()).unwrap_or_default();
    let is_notice = read.msgtype.as_deref() == Some("m.notice");
    let is_edit = RelatesTo::of(content).is_some_and(|relates_to| relates_to.rel_type == RelatesTo::REPLACE);
    (!is_edit && !is_notice).then_some(read)
}
