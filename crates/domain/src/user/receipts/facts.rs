//! What was decided about receipts.

use ruma::{OwnedEventId, OwnedRoomId, OwnedUserId};
use serde::{Deserialize, Serialize};

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
