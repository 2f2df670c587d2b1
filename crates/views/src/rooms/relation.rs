//! What the view keeps of a relation.

use ruma::{OwnedEventId, OwnedUserId, UserId};
use serde::{Deserialize, Serialize};

use crate::reader::Said;

/// That one event relates to another.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Relation {
    /// The event that has the relation.
    pub event_id: OwnedEventId,
    /// For example `m.thread`.
    pub rel_type: String,
    /// The type of the event that has the relation.
    pub event_type: String,
    /// Who sent it.
    pub sender: OwnedUserId,
}

/// What relates to something is a comment on it, also where it is a piece of state: it is shown as a message is.
impl Said for (u64, Relation) {
    fn position(&self) -> u64 {
        self.0
    }

    fn sender(&self) -> &UserId {
        &self.1.sender
    }

    fn is_state(&self) -> bool {
        false
    }
}
