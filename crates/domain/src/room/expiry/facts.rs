//! That a message has a moment from which on it is gone, and that this moment has passed.

use ruma::{OwnedEventId, OwnedRoomId, OwnedUserId};
use serde::{Deserialize, Serialize};

use crate::room::pdu::{PduAdded, TransactionKey};

/// Fact `room.expiry_set`, version 1.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PduExpirySet {
    /// From when on it is gone, milliseconds since the epoch.
    pub expires_at_ms: u64,
    /// Which message.
    pub target: ExpiryTarget,
}

/// Fact `room.expired`, version 1.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PduExpired {
    /// Which message; its payload is to be erased.
    pub target: ExpiryTarget,
}

/// What is known of a message without its payload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExpiryTarget {
    /// The PDU's depth: it may be the newest of the room, which the next one names.
    pub depth: u64,
    /// The PDU.
    pub event_id: OwnedEventId,
    /// Where in the log it is.
    pub position: u64,
    /// Its room.
    pub room_id: OwnedRoomId,
    /// Who sent it: who writes in a room has read it, also when what was written is gone.
    pub sender: OwnedUserId,
    /// The transaction that it came by: a repeated request must not send it again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transaction: Option<TransactionKey>,
}

impl ExpiryTarget {
    /// What is to be kept of a message at a position.
    #[must_use]
    pub fn of(PduAdded { pdu, transaction }: PduAdded, position: u64) -> Self {
        Self {
            depth: pdu.depth,
            event_id: pdu.event_id.clone(),
            position,
            room_id: pdu.room_id.clone(),
            sender: pdu.sender.clone(),
            transaction,
        }
    }
}
