//! From the library's timeline items to [`Row`]s. Nothing outside knows what the library makes of events.

mod content;
mod refusals;
mod trust;

use std::{collections::HashMap, rc::Rc, sync::Arc};

use hearth_web_state::{
    call::{CallRecord, Signal},
    conversation::Row,
    list::ListChange,
    message::{Content, Delivery, Message, Reaction},
    text::isolated,
};
use matrix_sdk::ruma::{OwnedUserId, UserId};
use matrix_sdk_ui::{
    eyeball_im::{Vector, VectorDiff},
    timeline::{
        EventSendState, EventTimelineItem, MembershipChange, MsgLikeKind, TimelineDetails, TimelineItem,
        TimelineItemContent, TimelineItemKind, VirtualTimelineItem,
    },
};
use serde_json::value::RawValue;

pub(super) use content::content_of;
pub(super) use refusals::Refusals;
pub(super) use trust::{trust_of, trust_of_raw};

/// Who looks at the rows, and how others in the chat are called.
pub(super) struct Viewer {
    /// One's own user id.
    pub(super) own_id: OwnedUserId,
    /// Display names.
    pub(super) names: HashMap<OwnedUserId, String>,
    /// Keys that were not given.
    pub(super) refusals: Refusals,
}

/// The local part of a user id: `alice` of `@alice:example.org`.
pub(super) fn short_name(user_id: &str) -> String {
    user_id.trim_start_matches('@').split(':').next().unwrap_or(user_id).to_owned()
}

/// One diff of the library as a change of rows.
pub(super) fn to_change(diff: VectorDiff<Arc<TimelineItem>>, viewer: &Viewer) -> ListChange<Row> {
    let row = |item: Arc<TimelineItem>| to_row(&item, viewer);
    match diff {
        VectorDiff::Append { values } => ListChange::Append(values.into_iter().map(row).collect()),
        VectorDiff::Clear => ListChange::Clear,
        VectorDiff::PushFront { value } => ListChange::PushFront(row(value)),
        VectorDiff::PushBack { value } => ListChange::PushBack(row(value)),
        VectorDiff::PopFront => ListChange::PopFront,
        VectorDiff::PopBack => ListChange::PopBack,
        VectorDiff::Insert { index, value } => ListChange::Insert(index, row(value)),
        VectorDiff::Set { index, value } => ListChange::Set(index, row(value)),
        VectorDiff::Remove { index } => ListChange::Remove(index),
        VectorDiff::Truncate { length } => ListChange::Truncate(length),
        VectorDiff::Reset { values } => ListChange::Reset(values.into_iter().map(row).collect()),
    }
}

/// The rows of what cannot be read, made anew.
pub(super) fn unreadable(items: &Vector<Arc<TimelineItem>>, viewer: &Viewer) -> Vec<ListChange<Row>> {
    anew(items, viewer, |event| event.content().is_unable_to_decrypt())
}

/// The rows of what somebody reacted to, made anew.
pub(super) fn reacted(items: &Vector<Arc<TimelineItem>>, viewer: &Viewer) -> Vec<ListChange<Row>> {
    anew(items, viewer, |event| event.content().reactions().is_some_and(|reactions| !reactions.is_empty()))
}

fn anew(items: &Vector<Arc<TimelineItem>>, viewer: &Viewer, is_one: fn(&EventTimelineItem) -> bool) -> Vec<ListChange<Row>> {
    let chosen = items.iter().enumerate().filter(|(_, item)| item.as_event().is_some_and(is_one));
    chosen.map(|(index, item)| ListChange::Set(index, to_row(item, viewer))).collect()
}

/// One item of the library as a row.
pub(super) fn to_row(item: &TimelineItem, viewer: &Viewer) -> Row {
    let key = item.unique_id().0.clone();
    match item.kind() {
        TimelineItemKind::Virtual(VirtualTimelineItem::DateDivider(at)) => Row::Day { key, at_ms: at.get().into() },
        TimelineItemKind::Virtual(VirtualTimelineItem::ReadMarker) => Row::Unread { key },
        TimelineItemKind::Virtual(VirtualTimelineItem::TimelineStart) => Row::Start { key },
        TimelineItemKind::Event(event) => event_row(key, event, viewer),
    }
}

fn event_row(key: String, event: &EventTimelineItem, viewer: &Viewer) -> Row {
    let readers: Vec<String> =
        event.read_receipts().keys().filter(|reader| **reader != viewer.own_id).map(ToString::to_string).collect();
    if let Some(text) = note_of(event) {
        return Row::Note { key, text, readers };
    }
    if let Some(record) = call_of(event) {
        return Row::Call { key, record: Box::new(record), readers };
    }
    match content_of(event.content()).map(|content| viewer.refusals.reason(event, content)) {
        Some(content) => Row::Message { message: Rc::new(to_message(key, event, content, viewer)), readers },
        None => Row::Hidden { readers },
    }
}

fn to_message(key: String, event: &EventTimelineItem, content: Content, viewer: &Viewer) -> Message {
    Message {
        key,
        id: event.event_id().map(ToString::to_string),
        sender: event.sender().to_string(),
        sender_name: name_of(event),
        own: event.is_own(),
        at_ms: event.timestamp().get().into(),
        trust: trust_of(event),
        content,
        edited: event.content().as_message().is_some_and(|message| message.is_edited()),
        formatted: content::formatted_of(event.content()),
        reply: event.content().in_reply_to().map(|quoted| quoted.event_id.to_string()),
        thread: event.content().thread_root().map(|root| root.to_string()),
        reactions: reactions_of(event.content(), viewer),
        delivery: delivery_of(event.send_state()),
        change: delivery_of(event.edit_send_state()),
    }
}

/// What has no such state is the server's.
pub(super) fn delivery_of(state: Option<&EventSendState>) -> Delivery {
    match state {
        Some(EventSendState::NotSentYet { .. }) => Delivery::Sending,
        Some(EventSendState::SendingFailed { is_recoverable: true, .. }) => Delivery::Waiting,
        Some(EventSendState::SendingFailed { .. }) => Delivery::Failed,
        Some(EventSendState::Sent { .. }) | None => Delivery::Sent,
    }
}

fn reactions_of(content: &TimelineItemContent, viewer: &Viewer) -> Vec<Reaction> {
    let Some(reactions) = content.reactions() else { return Vec::new() };
    let name = |user: &UserId| viewer.names.get(user).cloned().unwrap_or_else(|| short_name(user.as_str()));
    reactions
        .iter()
        .map(|(emoji, people)| Reaction {
            emoji: emoji.clone(),
            others: people.keys().filter(|user| **user != viewer.own_id).map(|user| name(user)).collect(),
            own: people.contains_key(&viewer.own_id),
        })
        .collect()
}

pub(super) fn name_of(event: &EventTimelineItem) -> String {
    match event.sender_profile() {
        TimelineDetails::Ready(profile) => profile.display_name.clone(),
        _ => None,
    }
    .unwrap_or_else(|| short_name(event.sender().as_str()))
}

/// The signal of a call, if it is one that can be read. One's own that was not sent yet has nothing to show.
fn call_of(event: &EventTimelineItem) -> Option<CallRecord> {
    let may_be = match event.content() {
        TimelineItemContent::CallInvite => true,
        TimelineItemContent::MsgLike(message) => matches!(message.kind, MsgLikeKind::Other(_)),
        // What the library could not read may still be a signal.
        TimelineItemContent::FailedToParseMessageLike { .. } => true,
        _ => false,
    };
    let raw = event.latest_json().filter(|_| may_be)?;
    let kind: String = raw.get_field("type").ok().flatten()?;
    let content: Box<RawValue> = raw.get_field("content").ok().flatten()?;
    Some(CallRecord {
        event_id: event.event_id()?.to_string(),
        sender: event.sender().to_string(),
        at_ms: event.timestamp().get().into(),
        signal: Signal::parse(&kind, content.get()).ok()?,
    })
}

/// Of all that happens to members, a direct chat only tells that somebody left.
fn note_of(event: &EventTimelineItem) -> Option<String> {
    let TimelineItemContent::MembershipChange(change) = event.content() else { return None };
    match change.change()? {
        MembershipChange::Left => Some(format!("{} left the chat.", isolated(&name_of(event)))),
        MembershipChange::InvitationRejected => Some(format!("{} declined the chat.", isolated(&name_of(event)))),
        _ => None,
    }
}
