//! How far a person has read which room, for others to see, for themselves only, and as a marker of their own.

use std::collections::BTreeMap;

use ruma::{EventId, OwnedEventId, OwnedRoomId, OwnedUserId, events::room::member::MembershipState};
use serde::{Deserialize, Serialize};

use super::{
    UserState,
    data::{AccountDataSet, FULLY_READ},
};
use crate::{Command, Context, Decision, Fact, Rejection, room::not_in_room};

/// How many receipts one account may have in all rooms and threads.
pub const RECEIPTS_MAX: usize = 100_000;
/// Receipts that one request sets; clients set one of each kind.
pub const RECEIPTS_PER_REQUEST_MAX: usize = 100;
/// The longest thread id; they are event ids.
const THREAD_BYTES_MAX: usize = 255;

/// Who sees a receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ReceiptKind {
    /// Everybody in the room.
    #[serde(rename = "m.read")]
    Public,
    /// Only its owner.
    #[serde(rename = "m.read.private")]
    Private,
}

impl ReceiptKind {
    /// The name in the specification.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Public => "m.read",
            Self::Private => "m.read.private",
        }
    }
}

/// Fact `receipt.set`, version 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptSet {
    /// Read up to here.
    pub event_id: OwnedEventId,
    /// Where in the log that event is.
    pub event_position: u64,
    /// The room.
    pub room_id: OwnedRoomId,
    /// `main` or the id of a thread's root; none for the whole room.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread: Option<String>,
    /// When, milliseconds since the epoch.
    pub ts_ms: u64,
    /// Who may see it.
    #[serde(rename = "type")]
    pub kind: ReceiptKind,
    /// Who has read.
    pub user_id: OwnedUserId,
}

/// Room, kind and thread: a person has one receipt for each.
type Slot = (OwnedRoomId, ReceiptKind, Option<String>);

/// A person's receipts.
#[derive(Default)]
pub struct ReceiptState {
    positions: BTreeMap<Slot, u64>,
}

impl ReceiptState {
    /// Takes one fact in.
    pub fn evolve(&mut self, fact: &Fact) {
        if let Fact::ReceiptSet(fact) = fact {
            let slot = (fact.room_id.clone(), fact.kind, fact.thread.clone());
            self.positions.insert(slot, fact.event_position);
        }
    }
}

/// Says how far a person has read a room that they are in. A receipt that is behind the one before it changes nothing.
#[derive(Clone, Debug)]
pub struct MarkRead {
    /// Who has read.
    pub user_id: OwnedUserId,
    /// The room.
    pub room_id: OwnedRoomId,
    /// Receipts, each with its event.
    pub receipts: Vec<NewReceipt>,
    /// The event that the person's own marker stands at.
    pub fully_read: Option<OwnedEventId>,
}

/// One receipt to set.
#[derive(Clone, Debug)]
pub struct NewReceipt {
    /// Who may see it.
    pub kind: ReceiptKind,
    /// `main` or the id of a thread's root; none for the whole room.
    pub thread: Option<String>,
    /// Read up to here.
    pub event_id: OwnedEventId,
}

impl Command for MarkRead {
    type On = UserState;
    type Reply = ();

    fn key(&self) -> OwnedUserId {
        self.user_id.clone()
    }

    fn decide(self, state: &UserState, context: &Context<'_>) -> Result<Decision<()>, Rejection> {
        let user_id = state.account.active()?;
        if context.lookup.membership(&self.room_id, user_id)? != Some(MembershipState::Join) {
            return Err(not_in_room());
        }
        if self.receipts.len() > RECEIPTS_PER_REQUEST_MAX {
            return Err(Rejection::invalid_param("One request sets at most 100 receipts."));
        }
        let position_of = |event_id: &EventId| -> Result<u64, Rejection> {
            let found = context.lookup.event(&self.room_id, event_id)?;
            Ok(found.ok_or_else(|| Rejection::not_found("The room has no such event."))?.position)
        };
        let mut facts = Vec::new();
        for receipt in self.receipts {
            let event_position = position_of(&receipt.event_id)?;
            if receipt.thread.as_ref().is_some_and(|thread| thread.is_empty() || thread.len() > THREAD_BYTES_MAX) {
                return Err(Rejection::invalid_param("A thread id has 1 to 255 bytes."));
            }
            let slot = (self.room_id.clone(), receipt.kind, receipt.thread);
            match state.receipts.positions.get(&slot) {
                Some(position) if *position >= event_position => continue,
                None if state.receipts.positions.len() >= RECEIPTS_MAX => {
                    return Err(Rejection::forbidden("The account has as many receipts as it may have."));
                }
                _ => {}
            }
            facts.push(Fact::ReceiptSet(ReceiptSet {
                user_id: user_id.clone(),
                room_id: slot.0,
                kind: slot.1,
                thread: slot.2,
                event_id: receipt.event_id,
                event_position,
                ts_ms: context.now.0.into(),
            }));
        }
        if let Some(event_id) = self.fully_read {
            position_of(&event_id)?;
            let content = serde_json::value::to_raw_value(&serde_json::json!({ "event_id": event_id }))
                .map_err(|_| Rejection::bad_json("The marker has no JSON form."))?;
            let fact = AccountDataSet {
                user_id: user_id.clone(),
                room_id: Some(self.room_id),
                event_type: FULLY_READ.to_owned(),
                content,
            };
            facts.extend(state.data.change(fact)?);
        }
        if facts.is_empty() {
            return Ok(Decision::AlreadyDone(()));
        }
        Ok(Decision::accept(facts, ()))
    }
}
