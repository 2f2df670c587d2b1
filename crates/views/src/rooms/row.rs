//! What a timeline keeps of a PDU: the fields that clients see, and whose transaction it was.

use domain::room::{Pdu, TransactionKey};
use ruma::{OwnedEventId, OwnedUserId};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;

/// One PDU of a timeline. A redacted one has its pruned content.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TimelineRow {
    /// Its id.
    pub event_id: OwnedEventId,
    /// Who sent it.
    pub sender: OwnedUserId,
    /// Its type, for example `m.room.encrypted`.
    #[serde(rename = "type")]
    pub event_type: String,
    /// Present on state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state_key: Option<String>,
    /// When it was made, milliseconds since the epoch.
    pub origin_server_ts: u64,
    /// Its content.
    pub content: Box<RawValue>,
    /// What it redacts, for redactions of every room version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redacts: Option<OwnedEventId>,
    /// The transaction it came by; shown to the device that sent it and to nobody else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transaction: Option<TransactionKey>,
    /// The redaction that pruned it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redacted_by: Option<OwnedEventId>,
}

impl TimelineRow {
    pub(super) fn new(pdu: &Pdu, transaction: Option<TransactionKey>, redacted_by: Option<OwnedEventId>) -> Self {
        let event_type = pdu.event_type.to_string();
        Self {
            redacts: pdu.redacts.clone().or_else(|| redacts_of(&event_type, pdu)),
            event_id: pdu.event_id.clone(),
            sender: pdu.sender.clone(),
            event_type,
            state_key: pdu.state_key.clone(),
            origin_server_ts: pdu.origin_server_ts.0.into(),
            content: pdu.content.clone(),
            transaction,
            redacted_by,
        }
    }

    /// The content as a type, or none when it does not read as one.
    #[must_use]
    pub fn content_as<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_str(self.content.get()).ok()
    }
}

/// Room versions from 11 on name what is redacted in the content.
fn redacts_of(event_type: &str, pdu: &Pdu) -> Option<OwnedEventId> {
    #[derive(Deserialize)]
    struct Content {
        redacts: Option<OwnedEventId>,
    }
    if event_type == "m.room.redaction" { pdu.content_as::<Content>()?.redacts } else { None }
}
