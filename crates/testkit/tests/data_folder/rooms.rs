//! Rooms: their names, members, messages and how far those were read; and messages from device to device.

use anyhow::{Context, Result};
use domain::{
    directory::{AddAlias, ListRoom, RemoveAlias},
    room::{
        ChangeMembership, CreateNamedRoom, CreateRoom, EndExpiries, ForgetRoom, MembershipAction, NewRoom, Redact,
        SendMessage, SetExpiry, TransactionKey, TransactionPath, UpgradeRoom,
    },
    user::{
        data::SetTag,
        receipts::{MarkRead, NewReceipt, ReceiptKind},
        to_device::{AcknowledgeInbox, SendToDevice, ToDeviceKey},
    },
};
use ruma::{
    OwnedEventId, OwnedRoomId, RoomVersionId, api::client::room::create_room::v3::RoomPreset,
    to_device::DeviceIdOrAllDevices,
};
use serde_json::json;

use crate::story::{Story, user};

fn new_room(creator: &str, version: RoomVersionId) -> Result<NewRoom> {
    Ok(NewRoom {
        creator: user(creator)?,
        version: Some(version),
        preset: RoomPreset::PublicChat,
        creation_content: Default::default(),
        initial_state: Vec::new(),
        power_level_override: Default::default(),
        name: Some("Küche".to_owned()),
        topic: None,
        alias: None,
        invites: Vec::new(),
        is_direct: false,
    })
}

fn transaction(name: &str, device: &str, id: &str, path: TransactionPath) -> Result<TransactionKey> {
    Ok(TransactionKey { device_id: device.into(), id: id.into(), path: Some(path), user_id: user(name)? })
}

async fn change(story: &Story, room: &OwnedRoomId, name: &str, action: MembershipAction) -> Result<()> {
    let change = ChangeMembership { room_id: room.clone(), sender: user(name)?, target: user(name)?, action, reason: None };
    story.does(change).await
}

async fn send(story: &Story, room: &OwnedRoomId, (name, device): (&str, &str), id: &str) -> Result<OwnedEventId> {
    let content = json!({"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": id, "device_id": device});
    let path = TransactionPath::Send("m.room.encrypted".into());
    let message = SendMessage {
        room_id: room.clone(),
        sender: user(name)?,
        event_type: "m.room.encrypted".into(),
        content: serde_json::from_value(content)?,
        transaction: Some(transaction(name, device, id, path)?),
    };
    story.does(message).await
}

/// Alice makes a public room, Bob and Carol come, and messages are sent, read, redacted and let go.
pub(crate) async fn talk(story: &Story) -> Result<()> {
    let alias = "#kitchen:h".try_into()?;
    let room = NewRoom { alias: Some(alias), ..new_room("alice", RoomVersionId::V12)? };
    let room = story.does(CreateNamedRoom { room, is_listed: true }).await?;
    for name in ["bob", "carol"] {
        change(story, &room, name, MembershipAction::Join).await?;
    }
    names(story, &room).await?;
    redact(story, &room).await?;
    let call = expire(story, &room).await?;
    read(story, &room, call).await?;
    change(story, &room, "carol", MembershipAction::Leave).await?;
    story.does(ForgetRoom { user_id: user("carol")?, room_id: room }).await?;
    let old = story.does(CreateRoom(new_room("bob", RoomVersionId::V10)?)).await?;
    redact_newest(story, &old).await?;
    let (sender, version) = (user("bob")?, RoomVersionId::V12);
    story.does(UpgradeRoom { room_id: old.clone(), sender, version, additional_creators: Vec::new() }).await?;
    change(story, &old, "bob", MembershipAction::Leave).await?;
    story.does(ForgetRoom { user_id: user("bob")?, room_id: old }).await
}

/// Of two messages that have a moment the first has passed. The other is given back.
async fn expire(story: &Story, room: &OwnedRoomId) -> Result<OwnedEventId> {
    let mut sent = Vec::new();
    for id in ["call", "answer"] {
        let event_id = send(story, room, ("alice", "PHONE"), id).await?;
        // Said twice, the earlier moment counts.
        for expires_after_ms in [3_600_000, if id == "call" { 30_000 } else { 3_000_000 }] {
            let (room_id, sender, event_id) = (room.clone(), user("alice")?, event_id.clone());
            story.does(SetExpiry { room_id, sender, event_id, expires_after_ms }).await?;
        }
        sent.push(event_id);
    }
    story.wait_ms(60_000);
    story.does(EndExpiries { room_id: room.clone() }).await?;
    Ok(sent.swap_remove(1))
}

async fn names(story: &Story, room: &OwnedRoomId) -> Result<()> {
    let alias: ruma::OwnedRoomAliasId = "#cooking:h".try_into()?;
    let add = AddAlias { sender: user("alice")?, alias: alias.clone(), room_id: room.clone() };
    story.does(add).await?;
    story.does(RemoveAlias { sender: user("alice")?, alias }).await?;
    for is_listed in [false, true] {
        story.does(ListRoom { sender: user("alice")?, room_id: room.clone(), is_listed }).await?;
    }
    let info = Some([("order".to_owned(), json!(0.25))].into_iter().collect());
    story.does(SetTag { user_id: user("alice")?, room_id: room.clone(), tag: "m.favourite".to_owned(), info }).await
}

/// Alice redacts a message of Bob, and Bob redacts a change of his own name.
async fn redact(story: &Story, room: &OwnedRoomId) -> Result<()> {
    let event_id = send(story, room, ("bob", "LAPTOP"), "oops").await?;
    let redact = Redact {
        room_id: room.clone(),
        sender: user("alice")?,
        event_id: event_id.clone(),
        reason: Some("sent by mistake".to_owned()),
        transaction: Some(transaction("alice", "PHONE", "r1", TransactionPath::Redact(event_id))?),
    };
    story.does(redact).await?;
    change(story, room, "bob", MembershipAction::Rename).await?;
    redact_newest(story, room).await
}

/// The newest event of a room, by its sender and without a transaction.
async fn redact_newest(story: &Story, room_id: &OwnedRoomId) -> Result<()> {
    let rows = story.engine()?.rows();
    let position = views::rooms::newest_position(&*rows, room_id)?.context("the room has events")?;
    let row = views::rooms::entry_at(&*rows, room_id.as_str(), position)?.context("the newest event is there")?;
    drop(rows);
    let (room_id, sender, event_id) = (room_id.clone(), row.sender, row.event_id);
    story.does(Redact { room_id, sender, event_id, reason: None, transaction: None }).await?;
    Ok(())
}

async fn read(story: &Story, room: &OwnedRoomId, event_id: OwnedEventId) -> Result<()> {
    let receipt =
        |kind, thread: Option<&str>| NewReceipt { kind, thread: thread.map(str::to_owned), event_id: event_id.clone() };
    let receipts = vec![receipt(ReceiptKind::Public, None), receipt(ReceiptKind::Private, Some("main"))];
    let mark = MarkRead { user_id: user("bob")?, room_id: room.clone(), receipts, fully_read: Some(event_id.clone()) };
    story.does(mark).await
}

/// Alice's phone sends to Bob's laptop twice; the laptop has received the first.
pub(crate) async fn devices_talk(story: &Story) -> Result<()> {
    let bob = user("bob")?;
    for id in ["d1", "d2"] {
        let content = serde_json::from_str(&format!("{{\"ciphertext\":  \"{id}\"}}"))?;
        let key =
            ToDeviceKey { device_id: "PHONE".into(), event_type: "m.room.encrypted".to_owned(), transaction_id: id.into() };
        let to = [(DeviceIdOrAllDevices::DeviceId("LAPTOP".into()), content)].into();
        let messages = [(bob.clone(), to)].into();
        story.does(SendToDevice { sender: user("alice")?, key: key.clone(), messages }).await?;
        if id == "d2" {
            // What waits for Carol is never received: she goes.
            let to = [(DeviceIdOrAllDevices::AllDevices, serde_json::from_str(r#"{"ciphertext":"d3"}"#)?)].into();
            let key = ToDeviceKey { transaction_id: "d3".into(), ..key };
            let messages = [(user("carol")?, to)].into();
            story.does(SendToDevice { sender: user("alice")?, key, messages }).await?;
        }
        if id == "d1" {
            let until = story.engine()?.log().head().0;
            let acknowledge = AcknowledgeInbox { user_id: bob.clone(), device_id: "LAPTOP".into(), until };
            story.does(acknowledge).await?;
        }
    }
    Ok(())
}
