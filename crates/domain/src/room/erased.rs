//! The fact that what a PDU said of a person is gone, with what is left of it. As after a redaction, but there is none: the person's
//! account was erased. Messages are gone as a whole (`expiry`); this is for what a room cannot do without.

use std::sync::Arc;

use ruma::{EventId, OwnedEventId, OwnedUserId};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use super::pdu::{Pdu, TransactionKey};

/// Fact `room.erased`, version 1: `{"event_id", "pdu", "target_position", "transaction"?, "user_id"}`.
#[derive(Clone, Debug)]
pub struct PduErased {
    /// What the redaction algorithm of the room's version leaves of the PDU.
    pub pdu: Arc<Pdu>,
    /// Where in the log the original is; its payload is to be erased.
    pub target_position: u64,
    /// The transaction that the original came by.
    pub transaction: Option<TransactionKey>,
    /// Who is forgotten: who sent it, or whose membership it is.
    pub user_id: OwnedUserId,
}

#[derive(Serialize, Deserialize)]
struct Repr<E, J> {
    event_id: E,
    pdu: J,
    target_position: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    transaction: Option<TransactionKey>,
    user_id: OwnedUserId,
}

impl Serialize for PduErased {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Repr::<&EventId, &RawValue> {
            event_id: &self.pdu.event_id,
            pdu: &self.pdu.json,
            target_position: self.target_position,
            transaction: self.transaction.clone(),
            user_id: self.user_id.clone(),
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for PduErased {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let repr = Repr::<OwnedEventId, Box<RawValue>>::deserialize(deserializer)?;
        let pdu = Pdu::parse(repr.event_id, repr.pdu).map_err(serde::de::Error::custom)?;
        Ok(Self {
            pdu: Arc::new(pdu),
            target_position: repr.target_position,
            transaction: repr.transaction,
            user_id: repr.user_id,
        })
    }
}
