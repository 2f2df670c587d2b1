//! Facts folded by every view, for tests: a log in memory whose payloads can be erased.

use std::sync::Arc;

use domain::{
    Fact,
    room::{ExpiryTarget, Pdu, PduAdded, PduExpired, PduExpirySet, PduPruned, TransactionKey, TransactionPath, named_media},
};
use projection::{Batch, MemoryRows, Place, Position, RowStore, Rows, digest};
use ruma::{EventId, OwnedEventId, OwnedRoomId, OwnedUserId, RoomId, UserId};
use serde_json::{Value, json, value::to_raw_value};

use crate::{Reader, Touched, all, membership::Sight};

/// A log and what the views make of it. Position 1 is the first fact.
#[derive(Default)]
pub(crate) struct World {
    store: MemoryRows,
    facts: Vec<Fact>,
}

pub(crate) fn user(name: &str) -> OwnedUserId {
    UserId::parse(format!("@{name}:h")).unwrap()
}

pub(crate) fn room(name: &str) -> OwnedRoomId {
    RoomId::parse(format!("!{name}:h")).unwrap()
}

impl World {
    /// Folds a fact and returns its position.
    pub(crate) fn fact(&mut self, fact: Fact) -> u64 {
        self.facts.push(fact.clone());
        let position = self.facts.len() as u64;
        fold(&self.store, position, Some(fact));
        position
    }

    pub(crate) fn rows(&self) -> Box<dyn Rows + '_> {
        self.store.snapshot()
    }

    /// Somebody who reads.
    pub(crate) fn reader(&self, name: &str) -> Reader {
        Reader::load(&*self.rows(), &user(name)).unwrap()
    }

    /// What somebody is shown of a room.
    pub(crate) fn sight(&self, room_name: &str, name: &str) -> Sight {
        Sight::load(&*self.rows(), &room(room_name), &self.reader(name)).unwrap()
    }

    fn pdu(&self, room: &str, sender: &str, event_type: &str, state_key: Option<&str>, content: &Value) -> Arc<Pdu> {
        let number = self.facts.len() as u64 + 1;
        let mut json = json!({
            "room_id": format!("!{room}:h"),
            "sender": format!("@{sender}:h"),
            "type": event_type,
            "origin_server_ts": number * 1_000,
            "content": content,
            "prev_events": [],
            "auth_events": [],
            "depth": number,
        });
        if let Some(key) = state_key {
            json["state_key"] = json!(key);
        }
        let event_id = EventId::parse(format!("${number}")).unwrap();
        Arc::new(Pdu::parse(event_id, to_raw_value(&json).unwrap()).unwrap())
    }

    /// Adds a message; its event id is `$` and its position.
    pub(crate) fn send(&mut self, room: &str, sender: &str, event_type: &str, content: Value) -> u64 {
        let pdu = self.pdu(room, sender, event_type, None, &content);
        let transaction = Some(TransactionKey {
            device_id: "PHONE".into(),
            id: format!("t{}", self.facts.len()).into(),
            path: Some(TransactionPath::Send(event_type.into())),
            user_id: pdu.sender.clone(),
        });
        self.fact(Fact::PduAdded(PduAdded { pdu, transaction }))
    }

    /// Adds a piece of state.
    pub(crate) fn set(&mut self, room: &str, sender: &str, event_type: &str, key: &str, content: Value) -> u64 {
        let pdu = self.pdu(room, sender, event_type, Some(key), &content);
        self.fact(Fact::PduAdded(PduAdded { pdu, transaction: None }))
    }

    /// Adds a member event.
    pub(crate) fn member(&mut self, room: &str, sender: &str, name: &str, membership: &str) -> u64 {
        let content = json!({ "membership": membership, "displayname": name });
        self.set(room, sender, "m.room.member", &format!("@{name}:h"), content)
    }

    /// Adds the state that a room begins with, its creator joined.
    pub(crate) fn create(&mut self, room: &str, creator: &str) {
        self.set(room, creator, "m.room.create", "", json!({ "room_version": "11" }));
        self.member(room, creator, creator, "join");
    }

    /// Redacts what is at a position: state keeps its membership, everything else loses all content.
    pub(crate) fn redact(&mut self, sender: &str, target: u64) -> u64 {
        let Fact::PduAdded(added) = self.facts[target as usize - 1].clone() else { panic!("not a PDU") };
        let room = added.pdu.room_id.as_str().trim_start_matches('!').trim_end_matches(":h").to_owned();
        let position = self.send(&room, sender, "m.room.redaction", json!({ "redacts": format!("${target}") }));
        let mut pruned: Value = serde_json::from_str(added.pdu.json.get()).unwrap();
        let membership = pruned["content"]["membership"].take();
        pruned["content"] = if membership.is_null() { json!({}) } else { json!({ "membership": membership }) };
        let pdu = Pdu::parse(added.pdu.event_id.clone(), to_raw_value(&pruned).unwrap()).unwrap();
        self.fact(Fact::PduPruned(PduPruned {
            media: if added.pdu.state_key.is_none() { named_media(&added.pdu) } else { Vec::new() },
            pdu: Arc::new(pdu),
            transaction: added.transaction,
            target_position: target,
            redacted_by: id(position),
        }));
        position
    }

    fn expiry_target(&self, position: u64) -> ExpiryTarget {
        let Fact::PduAdded(added) = self.facts[position as usize - 1].clone() else { panic!("not a PDU") };
        ExpiryTarget {
            depth: added.pdu.depth,
            event_id: added.pdu.event_id.clone(),
            position,
            room_id: added.pdu.room_id.clone(),
            sender: added.pdu.sender.clone(),
            transaction: added.transaction,
        }
    }

    /// Gives the message at a position its moment.
    pub(crate) fn set_expiry(&mut self, position: u64, expires_at_ms: u64) -> u64 {
        let target = self.expiry_target(position);
        self.fact(Fact::PduExpirySet(PduExpirySet { expires_at_ms, target }))
    }

    /// Lets the message at a position go.
    pub(crate) fn expire(&mut self, position: u64) -> u64 {
        let target = self.expiry_target(position);
        self.fact(Fact::PduExpired(PduExpired { target }))
    }

    /// Folds the log from zero with every erased payload missing, and compares the rows byte for byte.
    pub(crate) fn assert_replay_is_equal(&self) {
        let erased: Vec<u64> = self.facts.iter().flat_map(|fact| fact.erases().to_vec()).collect();
        let replayed = MemoryRows::new();
        for (position, fact) in (1..).zip(&self.facts) {
            let is_erased = erased.contains(&position);
            fold(&replayed, position, (!is_erased).then(|| fact.clone()));
        }
        let difference = projection::compare(&*self.store.snapshot(), &*replayed.snapshot()).unwrap();
        assert_eq!(difference, None, "live and replayed rows differ");
        assert_eq!(digest(&*self.store.snapshot()).unwrap(), digest(&*replayed.snapshot()).unwrap());
    }
}

/// A room with `count` messages after its first two PDUs, and another room in between.
pub(crate) fn given(count: u64) -> World {
    let mut world = World::default();
    world.create("r", "alice");
    world.create("other", "bob");
    for _ in 0..count {
        world.send("r", "alice", "m.room.encrypted", json!({ "ciphertext": "x" }));
    }
    world
}

pub(crate) fn id(position: u64) -> OwnedEventId {
    EventId::parse(format!("${position}")).unwrap()
}

fn fold(store: &MemoryRows, position: u64, fact: Option<Fact>) {
    let Some(fact) = fact else { return };
    let place = Place { position: Position(position), at_ms: position * 1_000, stream: String::new(), kind: String::new() };
    let snapshot = store.snapshot();
    let mut batch = Batch::new(&*snapshot);
    for view in all() {
        view.fold(&mut batch, &mut Touched::ignoring(), &fact, &place).unwrap();
    }
    let writes = batch.into_writes();
    drop(snapshot);
    store.commit(&writes).unwrap();
}
