//! A timeline row as the JSON that one viewer gets (spec: "Room event format"), `unsigned` included.
//!
//! Nothing of `unsigned` is stored: what was before a piece of state, why an event was redacted and what relates to it
//! are looked up, so that they are right however often they change.

use std::collections::BTreeMap;

use domain::room::RelatesTo;
use projection::{Rows, ViewFault};
use ruma::{DeviceId, EventId, RoomId, TransactionId, UserId};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use crate::{
    membership::{Sight, membership_at},
    reader::Reader,
    rooms::{
        Entry, Relation, TimelineRow, entry_at, entry_of, may_have_newer, newest_edits, newest_relations, state_event_at,
    },
};

/// Who is shown an event.
#[derive(Clone, Copy, Debug)]
pub struct Viewer<'a> {
    /// The person, with whom they ignore.
    pub reader: &'a Reader,
    /// The device, which is told the transaction ids of what it sent itself.
    pub device: Option<&'a DeviceId>,
    /// When the answer is made, milliseconds since the epoch.
    pub now_ms: u64,
    /// False in `/sync`, where the room is named once around the events.
    pub with_room_id: bool,
    /// What the user may see of the room, if the caller has loaded it already: events are shown with others inside.
    pub sight: Option<&'a Sight>,
}

impl Viewer<'_> {
    /// Calls `look` with what the user may see of `room`.
    fn looking<T>(&self, rows: &dyn Rows, room: &RoomId, look: impl FnOnce(&Sight) -> T) -> Result<T, ViewFault> {
        match self.sight {
            Some(sight) => Ok(look(sight)),
            None => Ok(look(&Sight::load(rows, room, self.reader)?)),
        }
    }
}

#[derive(Serialize)]
struct Shown<'a> {
    content: &'a RawValue,
    event_id: &'a EventId,
    origin_server_ts: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    redacts: Option<&'a EventId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    room_id: Option<&'a RoomId>,
    sender: &'a UserId,
    #[serde(skip_serializing_if = "Option::is_none")]
    state_key: Option<&'a str>,
    #[serde(rename = "type")]
    event_type: &'a str,
    #[serde(skip_serializing_if = "Unsigned::is_empty")]
    unsigned: Unsigned<'a>,
}

#[derive(Default, Serialize)]
struct Unsigned<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    age: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    membership: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prev_content: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prev_sender: Option<ruma::OwnedUserId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    redacted_because: Option<Box<RawValue>>,
    #[serde(rename = "m.relations", skip_serializing_if = "Option::is_none")]
    relations: Option<Relations>,
    #[serde(skip_serializing_if = "Option::is_none")]
    replaces_state: Option<ruma::OwnedEventId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    transaction_id: Option<&'a TransactionId>,
}

impl Unsigned<'_> {
    fn is_empty(&self) -> bool {
        self.age.is_none()
            && self.membership.is_none()
            && self.prev_content.is_none()
            && self.redacted_because.is_none()
            && self.relations.is_none()
            && self.transaction_id.is_none()
    }
}

/// How many events that relate to one event are looked at to show it: each time that it is shown. A thread with more replies counts as
/// one with so many.
const CHILDREN_MAX: usize = 1_000;
/// How many of the events that refer to one are named with it.
const REFERENCES_MAX: usize = 100;
/// How many edits that the viewer may not see are passed over.
const EDITS_MAX: usize = 100;

#[derive(Serialize)]
struct Relations {
    #[serde(rename = "m.reference", skip_serializing_if = "Option::is_none")]
    reference: Option<References>,
    #[serde(rename = "m.replace", skip_serializing_if = "Option::is_none")]
    replace: Option<Box<RawValue>>,
    #[serde(rename = "m.thread", skip_serializing_if = "Option::is_none")]
    thread: Option<Thread>,
}

#[derive(Serialize)]
struct References {
    chunk: Vec<Reference>,
}

#[derive(Serialize)]
struct Reference {
    event_id: ruma::OwnedEventId,
}

#[derive(Serialize)]
struct Thread {
    count: usize,
    current_user_participated: bool,
    latest_event: Box<RawValue>,
}

/// The event as `viewer` gets it, with aggregations of what relates to it.
///
/// # Errors
/// A [`ViewFault`] when rows cannot be read.
pub fn render(
    rows: &dyn Rows,
    room: &RoomId,
    (position, row): &Entry,
    viewer: Viewer<'_>,
) -> Result<Box<RawValue>, ViewFault> {
    let mut unsigned = unsigned(rows, room, *position, row, viewer)?;
    // What relates to an event comes after it: nobody knows its id before.
    if row.redacted_by.is_none() && row.state_key.is_none() && may_have_newer(rows, room, *position) {
        unsigned.relations = relations(rows, room, row, viewer)?;
    }
    write(room, row, viewer, unsigned)
}

/// The event as `viewer` gets it in a list of state: without aggregations, which state has none of.
///
/// # Errors
/// A [`ViewFault`] when rows cannot be read.
pub fn render_state(
    rows: &dyn Rows,
    room: &RoomId,
    (position, row): &Entry,
    viewer: Viewer<'_>,
) -> Result<Box<RawValue>, ViewFault> {
    write(room, row, viewer, unsigned(rows, room, *position, row, viewer)?)
}

fn unsigned<'a>(
    rows: &dyn Rows,
    room: &RoomId,
    position: u64,
    row: &'a TimelineRow,
    viewer: Viewer<'_>,
) -> Result<Unsigned<'a>, ViewFault> {
    let age = Some(viewer.now_ms.saturating_sub(row.origin_server_ts));
    let mut unsigned = Unsigned { age, ..Unsigned::default() };
    if let Some(sent) = &row.transaction
        && sent.user_id == viewer.reader.user()
        && Some(&*sent.device_id) == viewer.device
    {
        unsigned.transaction_id = Some(&sent.id);
    }
    unsigned.membership = Some(membership_at(rows, room, viewer.reader.user(), position)?.to_string());
    if let Some(key) = &row.state_key
        && let Some((_, before)) = state_event_at(rows, room, &row.event_type, key, position.saturating_sub(1))?
    {
        unsigned.prev_content = Some(before.content);
        unsigned.prev_sender = Some(before.sender);
        unsigned.replaces_state = Some(before.event_id);
    }
    if let Some(redaction) = &row.redacted_by
        && let Some(because) = entry_of(rows, room, redaction)?
        && viewer.looking(rows, room, |sight| sight.may_see(&because))?
    {
        unsigned.redacted_because = Some(write(room, &because.1, viewer, Unsigned::default())?);
    }
    Ok(unsigned)
}

/// Spec: "Aggregations of child events". One scan, which finds nothing for most events. Children count and are shown
/// only if the viewer could ask for them one by one, and only the newest ones: the others are had page by page.
fn relations(rows: &dyn Rows, room: &RoomId, row: &TimelineRow, viewer: Viewer<'_>) -> Result<Option<Relations>, ViewFault> {
    let mut children = newest_relations(rows, room, &row.event_id, CHILDREN_MAX)?;
    if children.is_empty() {
        return Ok(None);
    }
    viewer.looking(rows, room, |sight| children.retain(|child| sight.may_see(child)))?;
    let found = Relations {
        reference: references(&children),
        replace: replacement(rows, room, row, viewer)?,
        thread: thread(rows, room, row, &children, viewer)?,
    };
    let is_empty = found.reference.is_none() && found.replace.is_none() && found.thread.is_none();
    Ok((!is_empty).then_some(found))
}

fn references(children: &[(u64, Relation)]) -> Option<References> {
    let all: Vec<_> = children.iter().filter(|(_, child)| child.rel_type == RelatesTo::REFERENCE).collect();
    let newest = all.get(all.len().saturating_sub(REFERENCES_MAX)..).unwrap_or_default();
    let chunk: Vec<_> = newest.iter().map(|(_, child)| Reference { event_id: child.event_id.clone() }).collect();
    (!chunk.is_empty()).then_some(References { chunk })
}

/// The newest edit, however much else came after it.
fn replacement(
    rows: &dyn Rows,
    room: &RoomId,
    row: &TimelineRow,
    viewer: Viewer<'_>,
) -> Result<Option<Box<RawValue>>, ViewFault> {
    for position in newest_edits(rows, room, &row.event_id, EDITS_MAX)? {
        let Some(row) = entry_at(rows, room.as_str(), position)? else { continue };
        let edit = (position, row);
        if viewer.looking(rows, room, |sight| sight.may_see(&edit))? {
            return write(room, &edit.1, viewer, unsigned(rows, room, position, &edit.1, viewer)?).map(Some);
        }
    }
    Ok(None)
}

fn thread(
    rows: &dyn Rows,
    room: &RoomId,
    row: &TimelineRow,
    children: &[(u64, Relation)],
    viewer: Viewer<'_>,
) -> Result<Option<Thread>, ViewFault> {
    let replies: Vec<_> = children.iter().filter(|(_, child)| child.rel_type == RelatesTo::THREAD).collect();
    let is_viewer = |user: &UserId| user == viewer.reader.user();
    let wrote = is_viewer(&row.sender) || replies.iter().any(|(_, child)| is_viewer(&child.sender));
    let latest = replies.last().map(|(_, child)| child_event(rows, room, &child.event_id, viewer)).transpose()?.flatten();
    let count = replies.len();
    Ok(latest.map(|latest_event| Thread { count, current_user_participated: wrote, latest_event }))
}

fn child_event(
    rows: &dyn Rows,
    room: &RoomId,
    event_id: &EventId,
    viewer: Viewer<'_>,
) -> Result<Option<Box<RawValue>>, ViewFault> {
    let Some((position, row)) = entry_of(rows, room, event_id)? else {
        return Ok(None);
    };
    let unsigned = unsigned(rows, room, position, &row, viewer)?;
    write(room, &row, viewer, unsigned).map(Some)
}

fn write(room: &RoomId, row: &TimelineRow, viewer: Viewer<'_>, unsigned: Unsigned<'_>) -> Result<Box<RawValue>, ViewFault> {
    let with_redacts = redaction_content(row)?;
    let shown = Shown {
        content: with_redacts.as_deref().unwrap_or(&row.content),
        event_id: &row.event_id,
        origin_server_ts: row.origin_server_ts,
        redacts: row.redacts.as_deref(),
        room_id: viewer.with_room_id.then_some(room),
        sender: &row.sender,
        state_key: row.state_key.as_deref(),
        event_type: &row.event_type,
        unsigned,
    };
    to_raw_value(&shown).map_err(not_json)
}

/// Redactions name their target both beside and in the content, whatever the room's version (spec, room version 11:
/// "Moving the `redacts` property").
fn redaction_content(row: &TimelineRow) -> Result<Option<Box<RawValue>>, ViewFault> {
    let Some(redacts) = &row.redacts else {
        return Ok(None);
    };
    let mut content: BTreeMap<String, Box<RawValue>> = row.content_as().unwrap_or_default();
    content.insert("redacts".to_owned(), to_raw_value(redacts).map_err(not_json)?);
    to_raw_value(&content).map(Some).map_err(not_json)
}

fn not_json(error: serde_json::Error) -> ViewFault {
    ViewFault::caused("an event of a timeline does not encode", error)
}
