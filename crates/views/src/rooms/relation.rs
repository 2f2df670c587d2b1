//! What the view keeps of a relation.

use ruma::{OwnedEventId, OwnedUserId};
use serde::{Deserialize, Serialize};

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
