//! Messages as the runner is told them.

use matrix_sdk::{
    Room,
    deserialized_responses::TimelineEvent,
    room::MessagesOptions,
    ruma::{
        events::{AnySyncMessageLikeEvent, AnySyncTimelineEvent, room::message::SyncRoomMessageEvent},
        uint,
    },
};
use matrix_sdk_ui::timeline::EventTimelineItem;
use serde_json::{Value, json};

/// A message as the timeline shows it, once the server has acknowledged it.
pub(crate) fn message(item: &EventTimelineItem) -> Option<Value> {
    Some(json!({
        "event_id": item.event_id()?,
        "sender": item.sender(),
        "body": item.content().as_message()?.body(),
        "encrypted": item.encryption_info().is_some(),
    }))
}

/// The newest messages as the server has them, decrypted with the keys this client holds, oldest first.
pub(crate) async fn history(room: &Room) -> anyhow::Result<Value> {
    let mut options = MessagesOptions::backward();
    options.limit = uint!(100);
    let page = room.messages(options).await?;
    let messages: Vec<Value> = page.chunk.iter().rev().filter_map(past_message).collect();
    Ok(json!({ "messages": messages }))
}

fn past_message(event: &TimelineEvent) -> Option<Value> {
    let AnySyncTimelineEvent::MessageLike(AnySyncMessageLikeEvent::RoomMessage(SyncRoomMessageEvent::Original(original))) =
        event.raw().deserialize().ok()?
    else {
        return None;
    };
    Some(json!({
        "event_id": original.event_id,
        "sender": original.sender,
        "body": original.content.body(),
        "encrypted": event.encryption_info().is_some(),
    }))
}
