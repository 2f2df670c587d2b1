//! Rooms: their names, members, messages and how far those were read; and messages from device to device.

use anyhow::{Context, Result};
use domain::{
    Stream,
    directory::{AddAlias, ListRoom, RemoveAlias},
    room::{
        ChangeMembership, CreateNamedRoom, CreateRoom, EndExpiries, ForgetRoom, MemberProfile, MembershipAction, NewRoom,
        Person, Redact, RedactionTarget, SendMessage, SetExpiry, TransactionKey, TransactionPath,
    },
    user::{
        data::SetTag,
        receipts::{MarkRead, NewReceipt, ReceiptKind},
        to_device::{AcknowledgeInbox, Envelope, SendToDevice, ToDeviceKey},
    },
};
use ruma::{OwnedEventId, OwnedRoomId, RoomVersionId, api::client::room::create_room::v3::RoomPreset};
use serde_json::json;

use crate::story::{Story, lane, user};

fn person(name: &str) -> Result<Person> {
    let profile = MemberProfile { display_name: Some(name.to_owned()), avatar_url: None };
    Ok(Person { user_id: user(name)?, profile })
}

fn new_room(creator: &str, version: RoomVersionId) -> Result<NewRoom> {
    Ok(NewRoom {
        creator: person(creator)?,
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
    let change = ChangeMembership { sender: user(name)?, target: person(name)?, action, reason: None };
    story.does(Stream::Room(room.clone()), change).await
}

async fn send(story: &Story, room: &OwnedRoomId, (name, device): (&str, &str), id: &str) -> Result<OwnedEventId> {
    let content = json!({"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": id, "device_id": device});
    let path = TransactionPath::Send("m.room.encrypted".into());
    let message = SendMessage {
        sender: user(name)?,
        event_type: "m.room.encrypted".into(),
        content: serde_json::from_value(content)?,
        transaction: Some(transaction(name, device, id, path)?),
    };
    story.does(Stream::Room(room.clone()), message).await
}

/// Alice makes a public room, Bob and Carol come, and messages are sent, read, redacted and let go.
pub(crate) async fn talk(story: &Story) -> Result<()> {
    let alias = "#kitchen:h".try_into()?;
    let room = NewRoom { alias: Some(alias), ..new_room("alice", RoomVersionId::V12)? };
    let room = story.does(Stream::Directory, CreateNamedRoom { room, is_listed: true }).await?;
    for name in ["bob", "carol"] {
        change(story, &room, name, MembershipAction::Join { shared_rooms: Vec::new() }).await?;
    }
    names(story, &room).await?;
    redact(story, &room).await?;
    let (call, position) = expire(story, &room).await?;
    read(story, &room, call, position).await?;
    change(story, &room, "carol", MembershipAction::Leave).await?;
    story.does(lane("carol")?, ForgetRoom { user_id: user("carol")?, room_id: room }).await?;
    let old = story.does(lane("bob")?, CreateRoom(new_room("bob", RoomVersionId::V10)?)).await?;
    redact_last(story, &old).await
}

/// Of two messages that have a moment the first has passed. That one is given back, with its position.
async fn expire(story: &Story, room: &OwnedRoomId) -> Result<(OwnedEventId, u64)> {
    let stream = Stream::Room(room.clone());
    let mut sent = Vec::new();
    for id in ["call", "answer"] {
        let event_id = send(story, room, ("alice", "PHONE"), id).await?;
        let (position, added) = story.newest_message()?;
        // Said twice, the earlier moment counts.
        for expires_after_ms in [3_600_000, if id == "call" { 30_000 } else { 3_000_000 }] {
            let (sender, added) = (user("alice")?, added.clone());
            story.does(stream.clone(), SetExpiry { sender, position, added, expires_after_ms }).await?;
        }
        sent.push((event_id, position));
    }
    story.wait_ms(60_000);
    story.does(stream, EndExpiries).await?;
    Ok(sent.swap_remove(0))
}

async fn names(story: &Story, room: &OwnedRoomId) -> Result<()> {
    let alias: ruma::OwnedRoomAliasId = "#cooking:h".try_into()?;
    let add = AddAlias { sender: user("alice")?, alias: alias.clone(), room_id: room.clone() };
    story.does(Stream::Directory, add).await?;
    story.does(Stream::Directory, RemoveAlias { sender: user("alice")?, alias, powerful_in: None }).await?;
    for is_listed in [false, true] {
        story.does(Stream::Directory, ListRoom { room_id: room.clone(), is_listed }).await?;
    }
    let info = Some([("order".to_owned(), json!(0.25))].into_iter().collect());
    story.does(lane("alice")?, SetTag { room_id: room.clone(), tag: "m.favourite".to_owned(), info }).await
}

/// Alice redacts a message of Bob, and Bob redacts a change of his own name.
async fn redact(story: &Story, room: &OwnedRoomId) -> Result<()> {
    let event_id = send(story, room, ("bob", "LAPTOP"), "oops").await?;
    let (position, added) = story.newest_message()?;
    let redact = Redact {
        sender: user("alice")?,
        event_id: event_id.clone(),
        target: Some(RedactionTarget { position, added }),
        reason: Some("sent by mistake".to_owned()),
        transaction: Some(transaction("alice", "PHONE", "r1", TransactionPath::Redact(event_id))?),
    };
    story.does(Stream::Room(room.clone()), redact).await?;
    change(story, room, "bob", MembershipAction::Rename).await?;
    redact_last(story, room).await
}

/// The newest event of a room, by its sender and without a transaction.
async fn redact_last(story: &Story, room: &OwnedRoomId) -> Result<()> {
    let (position, added) = story.newest_message()?;
    let (sender, event_id) = (added.pdu.sender.clone(), added.pdu.event_id.clone());
    let target = Some(RedactionTarget { position, added });
    let redact = Redact { sender, event_id, target, reason: None, transaction: None };
    story.does(Stream::Room(room.clone()), redact).await?;
    Ok(())
}

async fn read(story: &Story, room: &OwnedRoomId, event_id: OwnedEventId, event_position: u64) -> Result<()> {
    let receipt = |kind, thread: Option<&str>| NewReceipt {
        kind,
        thread: thread.map(str::to_owned),
        event_id: event_id.clone(),
        event_position,
    };
    let receipts = vec![receipt(ReceiptKind::Public, None), receipt(ReceiptKind::Private, Some("main"))];
    let mark = MarkRead { room_id: room.clone(), receipts, fully_read: Some(event_id.clone()) };
    story.does(lane("bob")?, mark).await
}

/// Alice's phone sends to Bob's laptop twice; the laptop has received the first.
pub(crate) async fn devices_talk(story: &Story) -> Result<()> {
    let bob = user("bob")?;
    for id in ["d1", "d2"] {
        let content = serde_json::from_str(&format!("{{\"ciphertext\":  \"{id}\"}}"))?;
        let key =
            ToDeviceKey { device_id: "PHONE".into(), event_type: "m.room.encrypted".to_owned(), transaction_id: id.into() };
        let envelopes = vec![Envelope { user_id: bob.clone(), device_id: "LAPTOP".into(), content }];
        story.does(lane("alice")?, SendToDevice { sender: user("alice")?, key, envelopes }).await?;
        if id == "d1" {
            let engine = story.engine()?;
            let up_to = engine.log().head().0;
            let positions = views::inbox::delivered(&*engine.rows(), &bob, "LAPTOP".into(), up_to, 10)?;
            let acknowledge = AcknowledgeInbox { user_id: bob.clone(), device_id: "LAPTOP".into(), positions };
            story.does(lane("bob")?, acknowledge).await.context("a message has arrived")?;
        }
    }
    Ok(())
}
