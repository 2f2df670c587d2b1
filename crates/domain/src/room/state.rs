//! What the lane of a room knows: its version, current state, newest PDU and recent transactions.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use ruma::{
    OwnedEventId, OwnedRoomId, OwnedUserId, RoomVersionId, UserId,
    events::{StateEventType, room::member::MembershipState},
    room_version_rules::RoomVersionRules,
};
use serde::Deserialize;

use super::{
    expiry::{ExpiryTarget, PduExpirySet},
    member::MemberContent,
    pdu::{Pdu, PduAdded, TransactionKey},
    pruned::PduPruned,
};
use crate::{Aggregate, Fact, Rejection, Stream};

/// How many transactions a room remembers. A client that repeats a request does so within minutes, not after this many
/// messages of everybody in the room.
pub(super) const TRANSACTIONS_MAX: usize = 2_000;

/// What the lane of a room knows.
#[derive(Clone, Default)]
pub struct RoomState {
    room: Option<Room>,
    current: BTreeMap<(StateEventType, String), Arc<Pdu>>,
    newest: Option<(OwnedEventId, u64)>,
    transactions: BTreeMap<TransactionKey, OwnedEventId>,
    transaction_order: VecDeque<TransactionKey>,
    /// Position of a message to the moment from which on it is gone.
    expiries: BTreeMap<u64, PduExpirySet>,
}

#[derive(Clone)]
struct Room {
    id: OwnedRoomId,
    version: RoomVersionId,
    rules: RoomVersionRules,
}

impl RoomState {
    /// The state of a room that is about to be created, with nothing in it but its version.
    ///
    /// # Errors
    /// 400 `M_UNSUPPORTED_ROOM_VERSION` when the rules of that version are not known here.
    pub fn empty(id: OwnedRoomId, version: RoomVersionId) -> Result<Self, Rejection> {
        let rules = version.rules().ok_or_else(|| {
            Rejection::new(
                400,
                ruma::api::error::ErrorKind::UnsupportedRoomVersion,
                "This server does not know that room version.",
            )
        })?;
        Ok(Self { room: Some(Room { id, version, rules }), ..Self::default() })
    }

    /// The room's id.
    ///
    /// # Errors
    /// 404 `M_NOT_FOUND` when there is no such room.
    pub fn id(&self) -> Result<&OwnedRoomId, Rejection> {
        self.room().map(|room| &room.id)
    }

    /// The room's version.
    ///
    /// # Errors
    /// 404 `M_NOT_FOUND` when there is no such room.
    pub fn version(&self) -> Result<&RoomVersionId, Rejection> {
        self.room().map(|room| &room.version)
    }

    /// The rules of the room's version.
    ///
    /// # Errors
    /// 404 `M_NOT_FOUND` when there is no such room.
    pub fn rules(&self) -> Result<&RoomVersionRules, Rejection> {
        self.room().map(|room| &room.rules)
    }

    fn room(&self) -> Result<&Room, Rejection> {
        self.room.as_ref().ok_or_else(|| Rejection::not_found("There is no such room."))
    }

    /// The newest PDU's id and depth; none before the create PDU.
    #[must_use]
    pub fn newest(&self) -> Option<&(OwnedEventId, u64)> {
        self.newest.as_ref()
    }

    /// One piece of current state.
    #[must_use]
    pub fn get(&self, event_type: &StateEventType, state_key: &str) -> Option<&Arc<Pdu>> {
        self.current.get(&(event_type.clone(), state_key.to_owned()))
    }

    /// All current state, by type and key.
    pub fn iter(&self) -> impl Iterator<Item = (&(StateEventType, String), &Arc<Pdu>)> {
        self.current.iter()
    }

    /// What `user` is in the room, `leave` if never in it.
    #[must_use]
    pub fn membership(&self, user: &UserId) -> MembershipState {
        self.get(&StateEventType::RoomMember, user.as_str())
            .map_or(MembershipState::Leave, |pdu| MemberContent::of(&pdu.content).membership)
    }

    /// Everybody who is joined.
    pub fn joined(&self) -> impl Iterator<Item = OwnedUserId> {
        self.current
            .keys()
            .filter(|(event_type, _)| *event_type == StateEventType::RoomMember)
            .filter_map(|(_, key)| OwnedUserId::try_from(key.as_str()).ok())
            .filter(|user| self.membership(user) == MembershipState::Join)
    }

    /// Whether `user`'s newest member event is of `sender`.
    #[must_use]
    pub(super) fn is_invited_by(&self, user: &UserId, sender: &UserId) -> bool {
        self.get(&StateEventType::RoomMember, user.as_str()).is_some_and(|pdu| pdu.sender == sender)
    }

    /// The PDU that a transaction made before, if it is remembered.
    #[must_use]
    pub fn transaction(&self, key: &TransactionKey) -> Option<&OwnedEventId> {
        self.transactions.get(key)
    }

    /// From when on the message at a position is gone, milliseconds since the epoch, if that was said and is to come.
    #[must_use]
    pub(super) fn expiry(&self, position: u64) -> Option<u64> {
        self.expiries.get(&position).map(|set| set.expires_at_ms)
    }

    /// The messages whose moment has passed at `now_ms`, in the order of the log.
    pub(super) fn due(&self, now_ms: u64) -> impl Iterator<Item = &ExpiryTarget> {
        self.expiries.values().filter(move |set| set.expires_at_ms <= now_ms).map(|set| &set.target)
    }

    /// Whether at least `count` messages of `sender` wait for their moment.
    pub(super) fn has_expiries_of(&self, sender: &UserId, count: usize) -> bool {
        self.expiries.values().filter(|set| set.target.sender == sender).nth(count.saturating_sub(1)).is_some()
    }

    /// How many messages wait for their moment.
    #[must_use]
    pub(super) fn expiries(&self) -> usize {
        self.expiries.len()
    }

    /// Takes a PDU in.
    pub fn add(&mut self, added: &PduAdded) {
        let pdu = &added.pdu;
        if self.room.is_none() {
            self.room = room_of_create(pdu);
        }
        self.newest = Some((pdu.event_id.clone(), pdu.depth));
        if let Some(state_key) = &pdu.state_key {
            let event_type = StateEventType::from(pdu.event_type.to_string());
            self.current.insert((event_type, state_key.clone()), Arc::clone(pdu));
        }
        if let Some(key) = &added.transaction {
            self.remember(key.clone(), pdu.event_id.clone());
        }
    }

    /// Puts what is left of a redacted PDU in its place. The original may have been erased from the log and so never
    /// have been added; depths say which of two PDUs is the newer one.
    fn prune(&mut self, pruned: &PduPruned) {
        let pdu = &pruned.pdu;
        // What was redacted has nothing left to expire.
        self.expiries.remove(&pruned.target_position);
        if self.room.is_none() {
            self.room = room_of_create(pdu);
        }
        if let Some(state_key) = &pdu.state_key {
            let slot = (StateEventType::from(pdu.event_type.to_string()), state_key.clone());
            if self.current.get(&slot).is_none_or(|current| current.depth <= pdu.depth) {
                self.current.insert(slot, Arc::clone(pdu));
            }
        }
        self.remember_late(pruned.transaction.as_ref(), &pdu.event_id);
    }

    /// Takes note that a message is gone. It may never have been added, as in [`Self::prune`], and the next PDU still
    /// names it when it was the newest.
    fn expire(&mut self, expired: &ExpiryTarget) {
        self.expiries.remove(&expired.position);
        if self.newest.as_ref().is_none_or(|(_, depth)| *depth < expired.depth) {
            self.newest = Some((expired.event_id.clone(), expired.depth));
        }
        self.remember_late(expired.transaction.as_ref(), &expired.event_id);
    }

    /// Remembers the transaction of a PDU that may never have been added.
    fn remember_late(&mut self, transaction: Option<&TransactionKey>, event_id: &OwnedEventId) {
        if let Some(key) = transaction.filter(|key| !self.transactions.contains_key(key)) {
            self.remember(key.clone(), event_id.clone());
        }
    }

    fn remember(&mut self, key: TransactionKey, event_id: OwnedEventId) {
        if self.transaction_order.len() == TRANSACTIONS_MAX
            && let Some(oldest) = self.transaction_order.pop_front()
        {
            self.transactions.remove(&oldest);
        }
        self.transaction_order.push_back(key.clone());
        self.transactions.insert(key, event_id);
    }
}

/// The room that a create PDU makes; none for another PDU or a version that this server does not know.
fn room_of_create(pdu: &Pdu) -> Option<Room> {
    #[derive(Deserialize)]
    struct Content {
        room_version: Option<RoomVersionId>,
    }
    let version = pdu.content_as::<Content>()?.room_version.unwrap_or(RoomVersionId::V1);
    let rules = version.rules()?;
    Some(Room { id: pdu.room_id.clone(), version, rules })
}

impl Aggregate for RoomState {
    type Key = OwnedRoomId;

    fn stream(room_id: &OwnedRoomId) -> Stream {
        Stream::Room(room_id.clone())
    }

    fn evolve(&mut self, fact: &Fact) {
        match fact {
            Fact::PduAdded(added) => self.add(added),
            Fact::PduPruned(pruned) => self.prune(pruned),
            Fact::PduExpirySet(set) => {
                self.expiries.insert(set.target.position, set.clone());
            }
            Fact::PduExpired(expired) => self.expire(&expired.target),
            _ => {}
        }
    }
}
