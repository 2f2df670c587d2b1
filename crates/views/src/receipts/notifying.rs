//! Which events notify, where, and in which thread they are: what counts of unread events are made of.

use domain::room::{Pdu, PduErased, PduPruned, RelatesTo};
use projection::{Batch, Table, ViewFault};
use ruma::{OwnedEventId, OwnedUserId};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::tables::VIEW;
use crate::rooms::TimelineRow;

/// People that one event can mention so that they are counted.
const MENTIONS_MAX: usize = 50;

/// (Room id, position) → sender: events that notify everybody but their senders, and those who ignore these.
pub(super) const NOTIFYING: Table<(String, u64), OwnedUserId> = Table::by_position(VIEW, 3);
/// (Room id, position) → user ids: whom a readable event mentions.
pub(super) const MENTIONS: Table<(String, u64), Vec<String>> = Table::by_position(VIEW, 4);
/// (Room id, user id) → position of the newest event of the person that is neither state nor in a thread.
pub(super) const LAST_SENT: Table<(String, String), u64> = Table::new(VIEW, 5);
/// (Room id, position) → what a notifying event relates to, where that may put it into a thread.
pub(super) const THREADED: Table<(String, u64), Threaded> = Table::by_position(VIEW, 6);

/// A notifying event that is in a thread, or perhaps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Threaded {
    /// Who sent it.
    pub(super) sender: OwnedUserId,
    /// What it relates to.
    pub(super) event_id: OwnedEventId,
    /// Whether that is the root of its thread. If not, it is in the thread in which that event is. This is looked up when it is asked
    /// for, because the other event loses its place in a thread when it is redacted.
    pub(super) is_root: bool,
}

/// Takes in a PDU that was added.
pub(super) fn added(batch: &mut Batch<'_>, pdu: &Pdu, position: u64) -> Result<(), ViewFault> {
    if pdu.state_key.is_some() {
        return Ok(());
    }
    let room = pdu.room_id.as_str();
    let relates_to = RelatesTo::of(&pdu.content);
    let is_root = relates_to.as_ref().is_some_and(|relates_to| relates_to.rel_type == RelatesTo::THREAD);
    if !is_root {
        LAST_SENT.put(batch, &(room, pdu.sender.as_str()), &position)?;
    }
    let Some(content) = notifying(&pdu.event_type.to_string(), &pdu.content) else { return Ok(()) };
    NOTIFYING.put(batch, &(room, position), &pdu.sender)?;
    if let Some(RelatesTo { event_id, .. }) = relates_to {
        let threaded = Threaded { sender: pdu.sender.clone(), event_id, is_root };
        THREADED.put(batch, &(room, position), &threaded)?;
    }
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

/// Takes back a PDU of somebody who is forgotten.
pub(super) fn erased(batch: &mut Batch<'_>, erased: &PduErased) -> Result<(), ViewFault> {
    let pdu = &erased.pdu;
    if pdu.state_key.is_some() {
        return Ok(());
    }
    gone(batch, pdu.room_id.as_str(), pdu.sender.as_str(), erased.target_position)
}

/// Takes back a message. When folding anew after its payload was erased, it was never taken in: then this leaves the same
/// rows as well. So it counts as sent from now on even if it was in a thread, which nobody can tell any more.
pub(super) fn gone(batch: &mut Batch<'_>, room: &str, sender: &str, position: u64) -> Result<(), ViewFault> {
    let sent = LAST_SENT.get(batch, &(room, sender))?.unwrap_or_default();
    LAST_SENT.put(batch, &(room, sender), &sent.max(position))?;
    NOTIFYING.delete(batch, &(room, position))?;
    THREADED.delete(batch, &(room, position))?;
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
