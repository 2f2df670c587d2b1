//! A server with one person in one room.

use anyhow::Result;
use domain::{
    Command,
    directory::Register,
    room::{CreateRoom, NewRoom, Redact, SendMessage, SetState, TransactionKey, TransactionPath},
};
use engine::{HasLanes, SnapshotInterval};
use ruma::{
    OwnedEventId, OwnedRoomId, OwnedUserId,
    api::client::room::create_room::v3::RoomPreset,
    events::{StateEventType, TimelineEventType},
};
use serde_json::json;
use testkit::Node;

pub(crate) struct House {
    pub(crate) node: Node,
    pub(crate) alice: OwnedUserId,
    pub(crate) room_id: OwnedRoomId,
}

impl House {
    pub(crate) async fn build(seed: u64, snapshots: SnapshotInterval) -> Result<Self> {
        let node = Node::start_with(seed, snapshots)?;
        let register =
            Register { username: Some("alice".to_owned()), email: None, password_phc: None, session: None, token: None };
        let alice = node.engine()?.submit(register).await?.user_id;
        let room = NewRoom {
            creator: alice.clone(),
            version: None,
            preset: RoomPreset::PrivateChat,
            creation_content: Default::default(),
            initial_state: Vec::new(),
            power_level_override: Default::default(),
            name: None,
            topic: None,
            alias: None,
            invites: Vec::new(),
            is_direct: false,
        };
        let room_id = node.engine()?.submit(CreateRoom(room)).await?;
        Ok(Self { node, alice, room_id })
    }

    /// The name of the room's stream.
    pub(crate) fn stream(&self) -> String {
        format!("room:{}", self.room_id)
    }

    pub(crate) async fn does<C: Command<On: HasLanes>>(&self, command: C) -> Result<C::Reply> {
        self.node.clock.advance(1_000);
        Ok(self.node.engine()?.submit(command).await?)
    }

    fn transaction(&self, id: &str, path: TransactionPath) -> Option<TransactionKey> {
        Some(TransactionKey { device_id: "D".into(), id: id.into(), path: Some(path), user_id: self.alice.clone() })
    }

    /// A message under a transaction id, which makes it once.
    pub(crate) async fn send(&self, id: &str) -> Result<OwnedEventId> {
        let event_type = TimelineEventType::from("m.room.encrypted");
        let message = SendMessage {
            room_id: self.room_id.clone(),
            sender: self.alice.clone(),
            event_type: event_type.clone(),
            content: serde_json::from_value(json!({"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": id}))?,
            transaction: self.transaction(id, TransactionPath::Send(event_type)),
        };
        self.does(message).await
    }

    pub(crate) async fn set_topic(&self, topic: &str) -> Result<OwnedEventId> {
        let set = SetState {
            room_id: self.room_id.clone(),
            sender: self.alice.clone(),
            event_type: StateEventType::RoomTopic,
            state_key: String::new(),
            content: serde_json::from_value(json!({"topic": topic}))?,
        };
        self.does(set).await
    }

    pub(crate) async fn redact(&self, event_id: OwnedEventId) -> Result<OwnedEventId> {
        let transaction = self.transaction("r", TransactionPath::Redact(event_id.clone()));
        let (room_id, sender) = (self.room_id.clone(), self.alice.clone());
        self.does(Redact { room_id, sender, event_id, reason: None, transaction }).await
    }
}
