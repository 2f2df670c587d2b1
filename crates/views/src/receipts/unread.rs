//! Counts what a person has not read in a room (spec: "Receiving notifications", `unread_notifications`).
//!
//! Counted when asked, not kept: a count that is kept goes wrong with every redaction and changed rule.

use std::ops::ControlFlow;

use projection::{Fault, Rows};
use ruma::{RoomId, UserId, events::room::member::MembershipState};
use serde::Deserialize;

use super::receipts_of;
use crate::{
    membership,
    rooms::{self, TimelineRow},
};

/// Counts stop here; no client shows larger ones.
pub const UNREAD_MAX: usize = 1_000;
/// How many of the room's newest events are looked at.
const EVENTS_MAX: usize = 2_000;
/// How many events are read at a time: a room in use has few unread ones.
const PAGE_EVENTS: usize = 100;

/// How much is unread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unread {
    /// Events that would have notified.
    pub notification_count: usize,
    /// Those among them that mention the person.
    pub highlight_count: usize,
}

/// How much a person has not read in a room: events of others after the person's newest receipt of either kind, and
/// after the person's own newest event and joining.
///
/// # Errors
/// Storage failed.
pub fn unread(rows: &dyn Rows, room_id: &RoomId, user_id: &UserId) -> Result<Unread, Fault> {
    let mut unread = Unread::default();
    // A receipt of one thread says nothing of the rest of the room.
    let is_of_room = |thread: Option<&str>| thread.is_none_or(|thread| thread == "main");
    let read = receipts_of(rows, room_id, user_id)?
        .into_iter()
        .filter(|receipt| is_of_room(receipt.thread.as_deref()))
        .map(|receipt| receipt.event_position)
        .max()
        .unwrap_or_default();
    let since = read.max(joined_at(rows, room_id, user_id)?);
    let mut through = u64::MAX;
    for _ in 0..EVENTS_MAX / PAGE_EVENTS {
        let page = rooms::timeline_before(rows, room_id, through, PAGE_EVENTS)?;
        let is_last = page.len() < PAGE_EVENTS;
        through = page.last().map_or(0, |(position, _)| position.saturating_sub(1));
        if count(&mut unread, page, since, user_id).is_break() || is_last || through <= since {
            break;
        }
    }
    Ok(unread)
}

/// Where the person came in for the last time. A changed display name is a member event too and does not count.
fn joined_at(rows: &dyn Rows, room_id: &RoomId, user_id: &UserId) -> Result<u64, Fault> {
    let history = membership::history_of(rows, room_id, user_id)?;
    let stay = history.iter().rev().take_while(|(_, membership)| *membership == MembershipState::Join);
    Ok(stay.last().map_or(0, |(position, _)| *position))
}

/// Counts one page, newest first; breaks where the unread part ends.
fn count(unread: &mut Unread, page: Vec<rooms::Entry>, since: u64, user_id: &UserId) -> ControlFlow<()> {
    for (position, row) in page {
        // Who writes in a room has read it: this is what clients assume when they send no receipt for their own events.
        // A new display name is no writing.
        let is_own = row.sender == *user_id;
        if position <= since || (is_own && row.state_key.is_none()) || unread.notification_count >= UNREAD_MAX {
            return ControlFlow::Break(());
        }
        if !is_own && does_notify(&row) {
            unread.notification_count += 1;
            unread.highlight_count += usize::from(mentions(&row, user_id));
        }
    }
    ControlFlow::Continue(())
}

/// Whether the default push rules notify of an event of somebody else: messages and calls do, state and edits do not.
#[must_use]
pub fn does_notify(row: &TimelineRow) -> bool {
    const NOTIFYING: [&str; 6] = [
        "m.room.encrypted",
        "m.room.message",
        "m.sticker",
        "m.call.invite",
        "m.poll.start",
        "org.matrix.msc3381.poll.start",
    ];
    row.state_key.is_none() && row.redacted_by.is_none() && NOTIFYING.contains(&row.event_type.as_str()) && !is_quiet(row)
}

/// Edits and notices notify nobody.
fn is_quiet(row: &TimelineRow) -> bool {
    #[derive(Deserialize)]
    struct Content {
        msgtype: Option<String>,
        #[serde(rename = "m.relates_to")]
        relates_to: Option<RelatesTo>,
    }
    #[derive(Deserialize)]
    struct RelatesTo {
        rel_type: Option<String>,
    }
    row.content_as::<Content>().is_some_and(|content| {
        content.msgtype.as_deref() == Some("m.notice")
            || content.relates_to.and_then(|relates_to| relates_to.rel_type).as_deref() == Some("m.replace")
    })
}

/// Whether an event that is readable here mentions the person. What is encrypted only clients can tell.
fn mentions(row: &TimelineRow, user_id: &UserId) -> bool {
    #[derive(Deserialize)]
    struct Content {
        #[serde(rename = "m.mentions")]
        mentions: Option<Mentions>,
    }
    #[derive(Deserialize)]
    struct Mentions {
        #[serde(default)]
        user_ids: Vec<String>,
    }
    row.content_as::<Content>()
        .and_then(|content| content.mentions)
        .is_some_and(|mentions| mentions.user_ids.iter().any(|id| id == user_id.as_str()))
}
