//! A room to decide in, for tests of this crate.

use ruma::{
    CanonicalJsonObject, MilliSecondsSinceUnixEpoch, OwnedEventId, OwnedUserId, RoomVersionId, UInt,
    api::client::room::create_room::v3::RoomPreset, owned_server_name, signatures::Ed25519KeyPair,
};
use serde_json::{Value, json};

use super::{
    ChangeMembership, CreateRoom, MemberProfile, MembershipAction, NewRoom, Pdu, Person, Redact, RedactionTarget, RoomState,
    SendMessage, SetState, TransactionKey, TransactionPath,
};
use crate::{Command, Context, Decision, Entropy, Fact, Policy, Rejection, State, user::UserState};

/// A room, the facts that made it, and a clock that goes on with every decision.
pub(crate) struct Room {
    pub(crate) state: RoomState,
    pub(crate) facts: Vec<Fact>,
    pub(crate) policy: Policy,
    pub(crate) key: Ed25519KeyPair,
    decisions: u16,
}

pub(crate) fn user(name: &str) -> OwnedUserId {
    OwnedUserId::try_from(format!("@{name}:h")).unwrap()
}

pub(crate) fn person(name: &str) -> Person {
    let profile = MemberProfile { display_name: Some(name.to_owned()), avatar_url: None };
    Person { user_id: user(name), profile }
}

pub(crate) fn object(value: Value) -> CanonicalJsonObject {
    serde_json::from_value(value).unwrap()
}

/// A private chat of alice.
pub(crate) fn new_room(version: RoomVersionId) -> NewRoom {
    NewRoom {
        creator: person("alice"),
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
        let mut built = Self { state: RoomState::default(), facts: Vec::new(), policy, key, decisions: 0 };
        match CreateRoom(room).decide(&UserState::default(), &built.context())? {
            Decision::AlreadyDone(_) => panic!("a room is created anew each time"),
            Decision::Accept { facts, .. } => built.take_in(facts.into_iter().map(|(_, fact)| fact)),
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
        }
    }

    /// Decides and takes the facts in; `Ok(None)` when nothing was to be done.
    pub(crate) fn when<C: Command<State = RoomState>>(&mut self, command: C) -> Result<Option<C::Reply>, Rejection> {
        let decision = command.decide(&self.state, &self.context())?;
        self.decisions += 1;
        match decision {
            Decision::AlreadyDone(_) => Ok(None),
            Decision::Accept { facts, reply } => {
                let stream = crate::Stream::Room(self.state.id()?.clone());
                self.take_in(facts.into_iter().filter(|(of, _)| *of == stream).map(|(_, fact)| fact));
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
            self.facts.push(fact);
        }
    }

    pub(crate) fn send(&mut self, sender: &str, event_type: &str, content: Value) -> Result<OwnedEventId, Rejection> {
        let command =
            SendMessage { sender: user(sender), event_type: event_type.into(), content: object(content), transaction: None };
        self.when(command).map(Option::unwrap)
    }

    pub(crate) fn encrypted(&mut self, sender: &str) -> Result<OwnedEventId, Rejection> {
        self.send(sender, "m.room.encrypted", json!({ "algorithm": "m.megolm.v1.aes-sha2", "ciphertext": "AwgA" }))
    }

    pub(crate) fn set(&mut self, sender: &str, event_type: &str, key: &str, content: Value) -> Result<(), Rejection> {
        let command = SetState {
            sender: user(sender),
            event_type: event_type.into(),
            state_key: key.to_owned(),
            content: object(content),
        };
        self.when(command).map(|_| ())
    }

    pub(crate) fn act(&mut self, sender: &str, action: MembershipAction, target: &str) -> Result<Option<()>, Rejection> {
        self.when(ChangeMembership { sender: user(sender), target: person(target), action, reason: None })
    }

    pub(crate) fn invite_and_join(&mut self, name: &str) {
        self.act("alice", MembershipAction::Invite { is_direct: false }, name).unwrap();
        self.act(name, join(), name).unwrap();
    }

    pub(crate) fn redact(&mut self, sender: &str, event_id: &OwnedEventId) -> Result<OwnedEventId, Rejection> {
        let target = self.facts.iter().enumerate().find_map(|(index, fact)| match fact {
            Fact::PduAdded(added) if added.pdu.event_id == *event_id => {
                Some(RedactionTarget { position: index as u64, added: added.clone() })
            }
            _ => None,
        });
        let command = Redact { sender: user(sender), event_id: event_id.clone(), target, reason: None, transaction: None };
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

pub(crate) fn join() -> MembershipAction {
    MembershipAction::Join { shared_rooms: Vec::new() }
}

pub(crate) fn transaction(name: &str, id: &str) -> Option<TransactionKey> {
    let path = Some(TransactionPath::Send("m.room.message".into()));
    Some(TransactionKey { device_id: "PHONE".into(), id: id.into(), path, user_id: user(name) })
}
