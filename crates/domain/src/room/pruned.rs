//! The fact that a PDU was redacted, with what is left of it. The redaction itself is a PDU of its own.
//!
//! It holds all that folds and lanes need, so that the original's payload can be erased from the log: folding a log in
//! which the original is erased ends in the same rows as folding one in which it is not.

use std::sync::Arc;

use ruma::{EventId, OwnedEventId};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use super::pdu::{Pdu, TransactionKey};

/// Fact `room.pruned`, version 1: `{"event_id", "media"?, "pdu", "redacted_by", "target_position", "transaction"?}`.
#[derive(Clone, Debug)]
pub struct PduPruned {
    /// The media of this server that the original named in clear: the last parts of their addresses. They go with it if nothing
    /// else names them and they are its sender's. None for state, which is another's to show.
    pub media: Vec<String>,
    /// What the redaction algorithm of the room's version leaves of the PDU.
    pub pdu: Arc<Pdu>,
    /// The transaction that the original came by.
    pub transaction: Option<TransactionKey>,
    /// Where in the log the original is; its payload is to be erased.
    pub target_position: u64,
    /// The redaction.
    pub redacted_by: OwnedEventId,
}

#[derive(Serialize, Deserialize)]
struct Repr<E, J> {
    event_id: E,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    media: Vec<String>,
    pdu: J,
    redacted_by: OwnedEventId,
    target_position: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    transaction: Option<TransactionKey>,
}

impl Serialize for PduPruned {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Repr::<&EventId, &RawValue> {
            event_id: &self.pdu.event_id,
            media: self.media.clone(),
            pdu: &self.pdu.json,
            redacted_by: self.redacted_by.clone(),
            target_position: self.target_position,
            transaction: self.transaction.clone(),
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for PduPruned {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let repr = Repr::<OwnedEventId, Box<RawValue>>::deserialize(deserializer)?;
        let pdu = Pdu::parse(repr.event_id, repr.pdu).map_err(serde::de::Error::custom)?;
        Ok(Self {
            media: repr.media,
            pdu: Arc::new(pdu),
            transaction: repr.transaction,
            target_position: repr.target_position,
            redacted_by: repr.redacted_by,
        })
    }
}
