//! How far a person has read which room, for others to see, for themselves only, and as a marker of their own.

mod facts;
mod mark;

use std::collections::BTreeMap;

use ruma::OwnedRoomId;
use serde::{Deserialize, Serialize};

pub use facts::{ReceiptKind, ReceiptSet};
pub use mark::{MarkRead, NewReceipt};

use crate::Fact;

/// How many receipts one account may have in all rooms and threads.
pub const RECEIPTS_MAX: usize = 100_000;
/// Receipts that one request sets; clients set one of each kind.
pub const RECEIPTS_PER_REQUEST_MAX: usize = 100;

/// Room, kind and thread: a person has one receipt for each.
type Slot = (OwnedRoomId, ReceiptKind, Option<String>);

/// A person's receipts.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct ReceiptState {
    #[serde(with = "crate::pairs")]
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
