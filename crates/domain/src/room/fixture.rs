//! A room to decide in, for tests of this crate.

use ruma::{
    CanonicalJsonObject, MilliSecondsSinceUnixEpoch, OwnedEventId, OwnedRoomId, OwnedUserId, RoomVersionId, UInt,
    api::client::room::create_room::v3::RoomPreset, owned_server_name, signatures::Ed25519KeyPair,
};
use serde_json::{Value, json};

use super::{
    ChangeMembership, CreateRoom, MembershipAction, NewRoom, Pdu, Redact, RoomState, SendMessage, SetState, TransactionKey,
    TransactionPath,
};
use crate::{
    Aggregate, Command, Context, Decision, Entropy, Fact, NewFact, Policy, Rejection,
    lookup::{FoundEvent, fixture::Known},
    user::UserState,
};

/// A room, the facts that made it, and a clock that goes on with every decision.
pub(crate) struct Room {
    pub(crate) state: RoomState,
    pub(crate) facts: Vec<Fact>,
    pub(crate) policy: Policy,
    pub(crate) key: Ed25519KeyPair,
    pub(crate) known: Known,
    decisions: u16,
}

pub(crate) fn user(name: &str) -> OwnedUserId {
    OwnedUserId::try_from(format!("@{name}:h")).unwrap()
}

pub(crate) fn object(value: Value) -> CanonicalJsonObject {
    serde_json::from_value(value).unwrap()
}

/// A private chat of alice.
pub(crate) fn new_room(version: RoomVersionId) -> NewRoom {
    NewRoom {
        creator: user("alice"),
        version: Some(version),
        preset: RoomPreset::PrivateChat,
        creation_content: CanonicalJsonObject::new(),
        initial_state: Vec::new(),
        power_level_override: CanonicalJsonObject::new(),
        name: None,
        topic: None,
        alias: None,
        invites: Vec::new(),
        is_direct: false,
    }
}

impl Room {
    /// Alice's private chat, with the server's default policy.
    pub(crate) fn new(version: RoomVersionId) -> Self {
        Self::create(new_room(version), Policy::default()).unwrap()
    }

    pub(crate) fn create(room: NewRoom, policy: Policy) -> Result<Self, Rejection> {
        let key = Ed25519KeyPair::from_der(&Ed25519KeyPair::generate(), "1".to_owned()).unwrap();
        let mut built =
            Self { state: RoomState::default(), facts: Vec::new(), policy, key, known: Known::default(), decisions: 0 };
        match CreateRoom(room).decide(&UserState::default(), &built.context())? {
            Decision::AlreadyDone(_) => panic!("a room is created anew each time"),
            Decision::Accept { facts, .. } => built.take_in(facts.into_iter().map(|new| new.fact().clone())),
        }
        Ok(built)
    }

    pub(crate) fn context(&self) -> Context<'_> {
        let mut seed = [0; 32];
        seed[..2].copy_from_slice(&self.decisions.to_be_bytes());
        Context {
            now: MilliSecondsSinceUnixEpoch(UInt::from(1_000 + u32::from(self.decisions))),
            entropy: Entropy::new(seed),
            server_name: SERVER.get_or_init(|| owned_server_name!("h")),
            signing_key: &self.key,
            policy: &self.policy,
            lookup: &self.known,
        }
    }

    /// Decides and takes the facts in; `Ok(None)` when nothing was to be done.
    pub(crate) fn when<C: Command<On = RoomState>>(&mut self, command: C) -> Result<Option<C::Reply>, Rejection> {
        let decision = command.decide(&self.state, &self.context())?;
        self.decisions += 1;
        match decision {
            Decision::AlreadyDone(_) => Ok(None),
            Decision::Accept { facts, reply } => {
                let own = |new| if let NewFact::Own(fact) = new { Some(fact) } else { None };
                self.take_in(facts.into_iter().filter_map(own));
                Ok(Some(reply))
            }
        }
    }

    /// Facts go through their records, as after a restart.
    fn take_in(&mut self, facts: impl Iterator<Item = Fact>) {
        for fact in facts {
            let encoded = fact.encode().unwrap();
            let fact = Fact::decode(encoded.kind, encoded.version, &encoded.payload).unwrap();
            self.state.evolve(&fact);
            self.remember(&fact);
            self.facts.push(fact);
        }
    }

    /// A fact's position is its index.
    fn remember(&mut self, fact: &Fact) {
        match fact {
            Fact::PduAdded(added) => {
                let (position, sender) = (self.facts.len() as u64, added.pdu.sender.clone());
                let found = FoundEvent { position, sender, added: Some(added.clone()) };
                self.known.events.insert(added.pdu.event_id.clone(), found);
            }
            Fact::PduPruned(pruned) => {
                self.known.events.get_mut(&pruned.pdu.event_id).unwrap().added = None;
            }
            Fact::PduErased(erased) => {
                self.known.events.get_mut(&erased.pdu.event_id).unwrap().added = None;
            }
            Fact::PduExpired(expired) => {
                self.known.events.remove(&expired.target.event_id);
            }
            _ => {}
        }
    }

    pub(crate) fn id(&self) -> OwnedRoomId {
        self.state.id().unwrap().clone()
    }

    pub(crate) fn send(&mut self, sender: &str, event_type: &str, content: Value) -> Result<OwnedEventId, Rejection> {
        let command = SendMessage {
            room_id: self.id(),
            sender: user(sender),
            event_type: event_type.into(),
            content: object(content),
            transaction: None,
        };
        self.when(command).map(Option::unwrap)
    }

    pub(crate) fn encrypted(&mut self, sender: &str) -> Result<OwnedEventId, Rejection> {
        self.send(sender, "m.room.encrypted", json!({ "algorithm": "m.megolm.v1.aes-sha2", "ciphertext": "AwgA" }))
    }

    pub(crate) fn set(&mut self, sender: &str, event_type: &str, key: &str, content: Value) -> Result<(), Rejection> {
        let command = SetState {
            room_id: self.id(),
            sender: user(sender),
            event_type: event_type.into(),
            state_key: key.to_owned(),
            content: object(content),
        };
        self.when(command).map(|_| ())
    }

    pub(crate) fn act(&mut self, sender: &str, action: MembershipAction, target: &str) -> Result<Option<()>, Rejection> {
        let room_id = self.id();
        self.when(ChangeMembership { room_id, sender: user(sender), target: user(target), action, reason: None })
    }

    pub(crate) fn invite_and_join(&mut self, name: &str) {
        self.act("alice", MembershipAction::Invite { is_direct: false }, name).unwrap();
        self.act(name, MembershipAction::Join, name).unwrap();
    }

    pub(crate) fn redact(&mut self, sender: &str, event_id: &OwnedEventId) -> Result<OwnedEventId, Rejection> {
        let (room_id, sender) = (self.id(), user(sender));
        let command = Redact { room_id, sender, event_id: event_id.clone(), reason: None, transaction: None };
        self.when(command).map(Option::unwrap)
    }

    /// The PDUs in their order.
    pub(crate) fn pdus(&self) -> impl Iterator<Item = &Pdu> {
        self.facts.iter().filter_map(|fact| match fact {
            Fact::PduAdded(added) => Some(&*added.pdu),
            _ => None,
        })
    }
}

static SERVER: std::sync::OnceLock<ruma::OwnedServerName> = std::sync::OnceLock::new();

pub(crate) fn transaction(name: &str, id: &str) -> Option<TransactionKey> {
    let path = Some(TransactionPath::Send("m.room.message".into()));
    Some(TransactionKey { device_id: "PHONE".into(), id: id.into(), path, user_id: user(name) })
}
