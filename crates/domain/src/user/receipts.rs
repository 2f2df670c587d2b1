//! How far a person has read which room, for others to see, for themselves only, and as a marker of their own.

mod facts;
mod mark;

use std::collections::BTreeMap;

use ruma::RoomId;
use serde::{Deserialize, Serialize};

pub use facts::{ReceiptKind, ReceiptSet};
pub use mark::{MarkRead, NewReceipt};

use crate::{Fact, short_digest::ShortDigest};

/// How many receipts one account may have in all rooms and threads.
pub const RECEIPTS_MAX: usize = 100_000;
/// Receipts that one request sets; clients set one of each kind.
pub const RECEIPTS_PER_REQUEST_MAX: usize = 100;

/// Digest of room, kind and thread: a person has one receipt for each. The ids are long, and there are many.
fn slot(room_id: &RoomId, kind: ReceiptKind, thread: Option<&str>) -> ShortDigest {
    let (kind, length) = (kind.as_str(), room_id.as_str().len());
    ShortDigest::of(&format!("{kind} {length} {room_id}{}", thread.unwrap_or_default()))
}

/// A person's receipts.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct ReceiptState {
    positions: BTreeMap<ShortDigest, u64>,
}

impl ReceiptState {
    /// Takes one fact in.
    pub fn evolve(&mut self, fact: &Fact) {
        if let Fact::ReceiptSet(fact) = fact {
            self.positions.insert(slot(&fact.room_id, fact.kind, fact.thread.as_deref()), fact.event_position);
        }
    }
}
