//! Files: sent with a message that carries their key, and fetched and decrypted by it.

use anyhow::{Context as _, bail};
use matrix_sdk::{
    Room,
    attachment::AttachmentConfig,
    media::{MediaFormat, MediaRequestParameters},
    ruma::{
        EventId,
        events::{
            AnySyncMessageLikeEvent, AnySyncTimelineEvent,
            room::message::{MessageType, SyncRoomMessageEvent},
        },
    },
};
use serde_json::{Value, json};

pub(crate) async fn send(room: &Room, name: String, data: Vec<u8>) -> anyhow::Result<Value> {
    let kind = "application/octet-stream".parse()?;
    let sent = room.send_attachment(name, &kind, data, AttachmentConfig::new()).await?;
    Ok(json!({ "event_id": sent.event_id }))
}

/// The file of that message as the server has it, whatever the SDK keeps.
pub(crate) async fn read(room: &Room, event_id: &EventId) -> anyhow::Result<Value> {
    let event = room.event(event_id, None).await?;
    let AnySyncTimelineEvent::MessageLike(AnySyncMessageLikeEvent::RoomMessage(SyncRoomMessageEvent::Original(message))) =
        event.raw().deserialize()?
    else {
        bail!("not a message in the clear");
    };
    let MessageType::File(file) = message.content.msgtype else { bail!("not a file") };
    let request = MediaRequestParameters { source: file.source, format: MediaFormat::File };
    let data = room.client().media().get_media_content(&request, false).await.context("fetching the file")?;
    Ok(json!({ "data": data }))
}
