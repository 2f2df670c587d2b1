//! A server small enough for tests: one room with its lane, the log, and the views that follow it.

use std::{cell::Cell, collections::BTreeSet};

use domain::{
    Aggregate, Command, Context, Decision, Entropy, Fact, NewFact, Policy, Rejection, Stream,
    lookup::{FoundEvent, FoundMedia, Lookup, LookupError, NothingKnown},
    room::{CreateRoom, MemberProfile, NewRoom, RoomState},
    user::{UserState, to_device::InboxFill},
};
use ruma::{
    CanonicalJsonObject, DeviceId, EventId, MilliSecondsSinceUnixEpoch, OwnedDeviceId, OwnedRoomId, OwnedServerName,
    RoomAliasId, RoomId, RoomVersionId, UInt, UserId,
    api::client::room::create_room::v3::RoomPreset,
    events::{StateEventType, room::member::MembershipState},
    owned_server_name,
    signatures::Ed25519KeyPair,
};
use views::{
    inbox, membership,
    rooms::{entry_of, is_of_thread, power_levels_of, state_event},
};

use crate::folded::Folded;

/// One room.
pub(crate) struct House {
    /// What the room's lane decides on.
    pub(crate) lane: RoomState,
    /// What the views made of the same facts.
    pub(crate) folded: Folded,
    pub(crate) room: OwnedRoomId,
    /// The time, milliseconds since the epoch.
    pub(crate) now_ms: u64,
    decisions: Cell<u64>,
    key: Ed25519KeyPair,
    name: OwnedServerName,
    policy: Policy,
}

/// What the views and the log know, as the engine asks them.
pub(crate) struct Known<'a>(pub(crate) &'a Folded);

fn known<T>(found: Result<T, projection::ViewFault>) -> Result<T, LookupError> {
    found.map_err(|fault| LookupError::new("something", fault))
}

impl Lookup for Known<'_> {
    fn is_account(&self, _: &UserId) -> Result<bool, LookupError> {
        Ok(true)
    }

    fn is_to_be_erased(&self, user: &UserId) -> Result<bool, LookupError> {
        known(views::accounts::erasure(&*self.0.rows(), user)).map(|erasure| erasure.is_some())
    }

    fn payloads_of(&self, _: &Stream, _: &UserId, _: u64, _: usize) -> Result<Vec<u64>, LookupError> {
        Ok(Vec::new())
    }

    fn is_admin(&self, user: &UserId) -> Result<bool, LookupError> {
        known(views::accounts::is_admin(&*self.0.rows(), user))
    }

    fn profile(&self, user: &UserId) -> Result<MemberProfile, LookupError> {
        Ok(MemberProfile { display_name: Some(user.localpart().to_owned()), avatar_url: None })
    }

    fn membership(&self, room: &RoomId, user: &UserId) -> Result<Option<MembershipState>, LookupError> {
        known(membership::member(&*self.0.rows(), room, user)).map(|member| member.map(|member| member.membership))
    }

    fn is_forgotten(&self, room: &RoomId, user: &UserId) -> Result<bool, LookupError> {
        known(membership::is_forgotten(&*self.0.rows(), room, user))
    }

    fn may_set(&self, room: &RoomId, user: &UserId, event_type: &StateEventType) -> Result<bool, LookupError> {
        let levels = known(power_levels_of(&*self.0.rows(), room))?;
        Ok(levels.is_some_and(|levels| levels.user_can_send_state(user, event_type.clone())))
    }

    fn state(
        &self,
        room: &RoomId,
        event_type: &StateEventType,
        key: &str,
    ) -> Result<Option<CanonicalJsonObject>, LookupError> {
        let found = known(state_event(&*self.0.rows(), room, &event_type.to_string(), key))?;
        Ok(found.and_then(|(_, row)| row.content_as()))
    }

    fn room_of_alias(&self, alias: &RoomAliasId) -> Result<Option<OwnedRoomId>, LookupError> {
        NothingKnown.room_of_alias(alias)
    }

    fn event(&self, room: &RoomId, event: &EventId) -> Result<Option<FoundEvent>, LookupError> {
        let found = known(entry_of(&*self.0.rows(), room, event))?;
        Ok(found.map(|(position, row)| {
            let added = match self.0.fact_at(position) {
                Some(Fact::PduAdded(added)) => Some(added),
                _ => None,
            };
            FoundEvent { position, sender: row.sender, added }
        }))
    }

    fn is_of_thread(&self, room: &RoomId, event: &EventId, thread: &str) -> Result<bool, LookupError> {
        known(is_of_thread(&*self.0.rows(), room, event, thread))
    }

    fn may_see(&self, room: &RoomId, user: &UserId, position: u64) -> Result<bool, LookupError> {
        known(membership::reaches(&*self.0.rows(), room, user, position))
    }

    fn devices(&self, user: &UserId) -> Result<BTreeSet<OwnedDeviceId>, LookupError> {
        let devices = known(views::accounts::devices(&*self.0.rows(), user))?;
        Ok(devices.into_iter().map(|device| device.device_id).collect())
    }

    fn inbox(&self, user: &UserId, device: &DeviceId, until: u64, limit: usize) -> Result<Vec<u64>, LookupError> {
        known(inbox::delivered(&*self.0.rows(), user, device, until, limit))
    }

    fn inbox_fill(&self, user: &UserId, device: &DeviceId, sender: &UserId) -> Result<InboxFill, LookupError> {
        known(inbox::fill(&*self.0.rows(), user, device, sender))
    }

    fn inbox_oldest_ms(&self, user: &UserId, device: &DeviceId) -> Result<Option<u64>, LookupError> {
        known(inbox::oldest_ms(&*self.0.rows(), user, device))
    }

    fn media(&self, _: &str) -> Result<Option<FoundMedia>, LookupError> {
        Ok(None)
    }

    fn media_bytes(&self) -> Result<u64, LookupError> {
        Ok(0)
    }

    fn master_key(&self, user: &UserId) -> Result<Option<CanonicalJsonObject>, LookupError> {
        NothingKnown.master_key(user)
    }
}

impl House {
    /// A private chat of `creator`.
    pub(crate) fn new(creator: &UserId, version: RoomVersionId) -> Self {
        let mut house = Self {
            lane: RoomState::default(),
            folded: Folded::default(),
            // Known as soon as there is a create PDU.
            room: RoomId::new_v1(&owned_server_name!("h")),
            now_ms: 1_000,
            decisions: Cell::new(0),
            key: Ed25519KeyPair::from_der(&Ed25519KeyPair::generate(), "1".to_owned()).unwrap(),
            name: owned_server_name!("h"),
            policy: Policy::default(),
        };
        let room = NewRoom {
            creator: creator.to_owned(),
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
        };
        let decision = CreateRoom(room).decide(&UserState::default(), &house.context(&NothingKnown)).unwrap();
        let Decision::Accept { facts, reply } = decision else { panic!("a room is created anew each time") };
        house.room = reply;
        facts.iter().for_each(|new| house.take_in(new.fact().clone()));
        house
    }

    fn context<'a>(&'a self, lookup: &'a dyn Lookup) -> Context<'a> {
        let mut seed = [0; 32];
        seed[..8].copy_from_slice(&self.decisions.get().to_be_bytes());
        self.decisions.set(self.decisions.get() + 1);
        Context {
            now: MilliSecondsSinceUnixEpoch(UInt::try_from(self.now_ms).unwrap()),
            entropy: Entropy::new(seed),
            server_name: &self.name,
            signing_key: &self.key,
            policy: &self.policy,
            lookup,
        }
    }

    /// Decides as when all moments have passed.
    pub(crate) fn at_the_end<C: Command<On = RoomState>>(
        &self,
        state: &RoomState,
        command: C,
    ) -> Result<Decision<C::Reply>, Rejection> {
        let lookup = Known(&self.folded);
        let now = MilliSecondsSinceUnixEpoch(UInt::MAX);
        command.decide(state, &Context { now, ..self.context(&lookup) })
    }

    /// Decides on the lane, and writes what is accepted.
    pub(crate) fn submit<C: Command<On = RoomState>>(&mut self, command: C) -> Result<C::Reply, Rejection> {
        match command.decide(&self.lane, &self.context(&Known(&self.folded)))? {
            Decision::AlreadyDone(reply) => Ok(reply),
            Decision::Accept { facts, reply } => {
                for new in facts {
                    let NewFact::Own(fact) = new else { panic!("these commands have facts of their room alone") };
                    self.take_in(fact);
                }
                Ok(reply)
            }
        }
    }

    /// The lane, the log and the views take a fact in; what it makes forgettable is erased.
    fn take_in(&mut self, fact: Fact) {
        self.folded.add(fact);
        let fact = self.folded.fact_at(self.folded.position()).unwrap();
        self.lane.evolve(&fact);
        fact.erases().iter().for_each(|position| self.folded.erase(*position));
    }

    /// A lane that was cold: folded from what is left in the log.
    pub(crate) fn cold_lane(&self) -> RoomState {
        let mut lane = RoomState::default();
        (1..=self.folded.position()).filter_map(|at| self.folded.fact_at(at)).for_each(|fact| lane.evolve(&fact));
        lane
    }
}
