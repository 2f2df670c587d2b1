//! From the library's timeline items to [`Row`]s.

use hearth_web_state::{
    call::{CallRecord, Signal},
    conversation::{Body, Delivery, Message, Missing, Row},
    list::ListChange,
};
use matrix_sdk::ruma::{UserId, events::room::message::MessageType};
use matrix_sdk_base::crypto::types::events::UtdCause;
use matrix_sdk_ui::{
    eyeball_im::VectorDiff,
    timeline::{
        EncryptedMessage, EventSendState, EventTimelineItem, MembershipChange, MsgLikeKind, TimelineDetails, TimelineItem,
        TimelineItemContent, TimelineItemKind, VirtualTimelineItem,
    },
};
use serde_json::value::RawValue;
use std::sync::Arc;

/// The local part of a user id: `alice` of `@alice:example.org`.
pub(super) fn short_name(user_id: &str) -> String {
    user_id.trim_start_matches('@').split(':').next().unwrap_or(user_id).to_owned()
}

/// The text of a message, if it is one that has any.
pub(super) fn plain_text(content: &TimelineItemContent) -> Option<String> {
    match body_of(content)? {
        Body::Text(text) | Body::Emote(text) | Body::Unsupported(text) => Some(text),
        Body::Undecryptable(_) | Body::Deleted => None,
    }
}

/// One diff of the library as a change of rows.
pub(super) fn to_change(diff: VectorDiff<Arc<TimelineItem>>, own_id: &UserId) -> ListChange<Row> {
    let row = |item: Arc<TimelineItem>| to_row(&item, own_id);
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

/// One item of the library as a row.
pub(super) fn to_row(item: &TimelineItem, own_id: &UserId) -> Row {
    let key = item.unique_id().0.clone();
    match item.kind() {
        TimelineItemKind::Virtual(VirtualTimelineItem::DateDivider(at)) => Row::Day { key, at_ms: at.get().into() },
        TimelineItemKind::Virtual(VirtualTimelineItem::ReadMarker) => Row::Unread { key },
        TimelineItemKind::Virtual(VirtualTimelineItem::TimelineStart) => Row::Start { key },
        TimelineItemKind::Event(event) => event_row(key, event, own_id),
    }
}

fn event_row(key: String, event: &EventTimelineItem, own_id: &UserId) -> Row {
    let readers: Vec<String> =
        event.read_receipts().keys().filter(|reader| *reader != own_id).map(ToString::to_string).collect();
    if let Some(text) = note_of(event) {
        return Row::Note { key, text, readers };
    }
    if let Some(record) = call_of(event) {
        return Row::Call { key, record: Box::new(record), readers };
    }
    let Some(body) = body_of(event.content()) else { return Row::Hidden { readers } };
    Row::Message(Box::new(Message {
        key,
        sender: event.sender().to_string(),
        sender_name: name_of(event),
        own: event.is_own(),
        at_ms: event.timestamp().get().into(),
        body,
        edited: event.content().as_message().is_some_and(|message| message.is_edited()),
        delivery: match event.send_state() {
            Some(EventSendState::NotSentYet { .. }) => Delivery::Sending,
            Some(EventSendState::SendingFailed { is_recoverable: true, .. }) => Delivery::Waiting,
            Some(EventSendState::SendingFailed { .. }) => Delivery::Failed,
            Some(EventSendState::Sent { .. }) | None => Delivery::Sent,
        },
        readers,
    }))
}

fn name_of(event: &EventTimelineItem) -> String {
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
        MembershipChange::Left => Some(format!("{} left the chat.", name_of(event))),
        MembershipChange::InvitationRejected => Some(format!("{} declined the chat.", name_of(event))),
        _ => None,
    }
}

fn body_of(content: &TimelineItemContent) -> Option<Body> {
    match content {
        TimelineItemContent::MsgLike(message) => match &message.kind {
            MsgLikeKind::Message(message) => Some(message_body(message.msgtype())),
            MsgLikeKind::Redacted => Some(Body::Deleted),
            MsgLikeKind::UnableToDecrypt(encrypted) => Some(Body::Undecryptable(missing(encrypted))),
            MsgLikeKind::Sticker(sticker) => Some(Body::Unsupported(format!("Sticker: {}", sticker.content().body))),
            MsgLikeKind::Poll(_) => Some(Body::Unsupported("A poll".to_owned())),
            MsgLikeKind::LiveLocation(_) => Some(Body::Unsupported("A live location".to_owned())),
            MsgLikeKind::Other(_) => None,
        },
        TimelineItemContent::FailedToParseMessageLike { event_type, .. }
            if Signal::is_call_type(&event_type.to_string()) =>
        {
            None
        }
        TimelineItemContent::FailedToParseMessageLike { .. } => {
            Some(Body::Unsupported("A message this version can’t read".to_owned()))
        }
        _ => None,
    }
}

fn message_body(message: &MessageType) -> Body {
    match message {
        MessageType::Text(text) => Body::Text(text.body.clone()),
        MessageType::Notice(notice) => Body::Text(notice.body.clone()),
        MessageType::Emote(emote) => Body::Emote(emote.body.clone()),
        MessageType::Image(image) => Body::Unsupported(format!("Picture: {}", image.body)),
        MessageType::Video(video) => Body::Unsupported(format!("Video: {}", video.body)),
        MessageType::Audio(audio) => Body::Unsupported(format!("Audio: {}", audio.body)),
        MessageType::File(file) => Body::Unsupported(format!("File: {}", file.body)),
        MessageType::Location(location) => Body::Unsupported(format!("Place: {}", location.body)),
        other => Body::Text(other.body().to_owned()),
    }
}

fn missing(encrypted: &EncryptedMessage) -> Missing {
    match encrypted {
        EncryptedMessage::MegolmV1AesSha2 {
            cause:
                UtdCause::SentBeforeWeJoined
                | UtdCause::HistoricalMessageAndBackupIsDisabled
                | UtdCause::HistoricalMessageAndDeviceIsUnverified,
            ..
        } => Missing::BeforeThisDevice,
        _ => Missing::KeyNotHere,
    }
}
