//! What the lane of a room knows: its version, current state, newest PDU and recent transactions.

mod allowed;
mod current;
mod version;

use std::{collections::BTreeMap, sync::Arc};

use ruma::{
    OwnedEventId, OwnedRoomId, OwnedUserId, RoomVersionId, UserId,
    events::{StateEventType, TimelineEventType, room::member::MembershipState},
    room_version_rules::RoomVersionRules,
};
use serde::{Deserialize, Serialize};

use current::{Current, slot_of};
use version::{Room, room_of_create};

use super::{
    erased::PduErased,
    expiry::{ExpiryTarget, PduExpirySet},
    member::MemberContent,
    pdu::{Pdu, PduAdded, TransactionKey},
    pruned::PduPruned,
    transactions::Transactions,
};
use crate::{Aggregate, Fact, Rejection, Stream};

/// Pieces of a room's state that are not memberships.
pub const STATE_MAX: usize = 20_000;
/// Bytes of them.
pub const STATE_BYTES_MAX: usize = 16 << 20;

/// What the lane of a room knows.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct RoomState {
    room: Option<Room>,
    current: Current,
    newest: Option<(OwnedEventId, u64)>,
    transactions: Transactions,
    /// Position of a message to the moment from which on it is gone.
    expiries: BTreeMap<u64, PduExpirySet>,
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

    /// The ids of the state that allows a message of `sender`, when this very state has allowed one of that type before.
    /// None says nothing.
    #[must_use]
    pub(super) fn allows(&self, sender: &UserId, event_type: &TimelineEventType) -> Option<&[OwnedEventId]> {
        self.current.allowed.get(sender, event_type)
    }

    /// Whether a PDU fits into the state beside what it does not replace. Memberships always do, and what is not larger than
    /// the piece in its place.
    #[must_use]
    pub(super) fn has_room_for(&self, pdu: &Pdu) -> bool {
        let Some(slot) = slot_of(pdu).filter(|(event_type, _)| *event_type != StateEventType::RoomMember) else {
            return true;
        };
        let replaced = self.current.get(&slot).map(|pdu| pdu.json.get().len());
        let (weight, bytes) = (self.current.weight(), pdu.json.get().len());
        let more_bytes = bytes.saturating_sub(replaced.unwrap_or_default());
        let is_another = usize::from(replaced.is_none());
        more_bytes == 0 || (weight.number + is_another <= STATE_MAX && weight.bytes + more_bytes <= STATE_BYTES_MAX)
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
            .iter()
            .filter(|((event_type, _), _)| *event_type == StateEventType::RoomMember)
            .filter_map(|((_, key), _)| OwnedUserId::try_from(key.as_str()).ok())
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
        match slot_of(pdu) {
            Some(slot) => self.current.insert(slot, Arc::clone(pdu)),
            None => self.current.allowed.note(pdu),
        }
        self.remember(added.transaction.as_ref(), &pdu.event_id);
    }

    /// Puts what is left of a redacted PDU in its place. The original may have been erased from the log and so never
    /// have been added; depths say which of two PDUs is the newer one.
    fn prune(&mut self, pdu: &Arc<Pdu>, position: u64, transaction: Option<&TransactionKey>) {
        // What was redacted has nothing left to expire.
        self.expiries.remove(&position);
        if self.room.is_none() {
            self.room = room_of_create(pdu);
        }
        if let Some(slot) = slot_of(pdu)
            && self.current.get(&slot).is_none_or(|current| current.depth <= pdu.depth)
        {
            self.current.insert(slot, Arc::clone(pdu));
        }
        self.remember(transaction, &pdu.event_id);
    }

    /// Takes note that a message is gone. It may never have been added, as in [`Self::prune`], and the next PDU still
    /// names it when it was the newest.
    fn expire(&mut self, expired: &ExpiryTarget) {
        self.expiries.remove(&expired.position);
        if self.newest.as_ref().is_none_or(|(_, depth)| *depth < expired.depth) {
            self.newest = Some((expired.event_id.clone(), expired.depth));
        }
        self.remember(expired.transaction.as_ref(), &expired.event_id);
    }

    fn remember(&mut self, transaction: Option<&TransactionKey>, event_id: &OwnedEventId) {
        if let Some(key) = transaction {
            self.transactions.remember(key, event_id.clone());
        }
    }
}

impl Aggregate for RoomState {
    const SNAPSHOT_VERSION: u32 = 2;

    type Key = OwnedRoomId;

    fn stream(room_id: &OwnedRoomId) -> Stream {
        Stream::Room(room_id.clone())
    }

    fn evolve(&mut self, fact: &Fact) {
        match fact {
            Fact::PduAdded(added) => self.add(added),
            Fact::PduPruned(PduPruned { pdu, target_position, transaction, .. })
            | Fact::PduErased(PduErased { pdu, target_position, transaction, .. }) => {
                self.prune(pdu, *target_position, transaction.as_ref());
            }
            Fact::PduExpirySet(set) => {
                self.expiries.insert(set.target.position, set.clone());
            }
            Fact::PduExpired(expired) => self.expire(&expired.target),
            _ => {}
        }
    }
}
