//! A room PDU as the log keeps it: the exact signed JSON, and the parsed fields that rules ask for.

use std::sync::Arc;

use ruma::{
    EventId, MilliSecondsSinceUnixEpoch, OwnedDeviceId, OwnedEventId, OwnedRoomId, OwnedTransactionId, OwnedUserId, RoomId,
    UserId, events::TimelineEventType, state_res::Event,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

/// One PDU, with the id that rooms of version 3 and later compute from it.
#[derive(Clone, Debug)]
pub struct Pdu {
    /// `$` and the reference hash.
    pub event_id: OwnedEventId,
    /// The room. The create PDU of room version 12 does not name it; it is filled in from the event id then.
    pub room_id: OwnedRoomId,
    /// Who sent it.
    pub sender: OwnedUserId,
    /// The type, for example `m.room.encrypted`.
    pub event_type: TimelineEventType,
    /// Present on state.
    pub state_key: Option<String>,
    /// When the sender's server made it.
    pub origin_server_ts: MilliSecondsSinceUnixEpoch,
    /// The content as it stands in `json`.
    pub content: Box<RawValue>,
    /// The PDU before this one; none for the create PDU.
    pub prev_events: Vec<OwnedEventId>,
    /// The PDUs that allow this one.
    pub auth_events: Vec<OwnedEventId>,
    /// What a redaction of room versions up to 10 redacts.
    pub redacts: Option<OwnedEventId>,
    /// One more than the depth of the PDU before.
    pub depth: u64,
    /// The canonical JSON, hashed and signed as the Matrix specification says.
    pub json: Box<RawValue>,
}

/// The JSON is not a PDU.
#[derive(Debug, thiserror::Error)]
#[error("not a PDU: {0}")]
pub struct PduError(#[from] serde_json::Error);

#[derive(Deserialize)]
struct Fields<'a> {
    room_id: Option<OwnedRoomId>,
    sender: OwnedUserId,
    #[serde(rename = "type")]
    event_type: TimelineEventType,
    state_key: Option<String>,
    origin_server_ts: MilliSecondsSinceUnixEpoch,
    #[serde(borrow)]
    content: &'a RawValue,
    prev_events: Vec<OwnedEventId>,
    auth_events: Vec<OwnedEventId>,
    redacts: Option<OwnedEventId>,
    depth: u64,
}

impl Pdu {
    /// Reads a PDU from its JSON.
    ///
    /// # Errors
    /// [`PduError`] when a field that every PDU has is missing or of another type.
    pub fn parse(event_id: OwnedEventId, json: Box<RawValue>) -> Result<Self, PduError> {
        let fields: Fields<'_> = serde_json::from_str(json.get())?;
        let room_id = match fields.room_id {
            Some(room_id) => room_id,
            None => RoomId::new_v2(event_id.localpart()).map_err(<serde_json::Error as serde::de::Error>::custom)?,
        };
        Ok(Self {
            room_id,
            sender: fields.sender,
            event_type: fields.event_type,
            state_key: fields.state_key,
            origin_server_ts: fields.origin_server_ts,
            content: fields.content.to_owned(),
            prev_events: fields.prev_events,
            auth_events: fields.auth_events,
            redacts: fields.redacts,
            depth: fields.depth,
            event_id,
            json,
        })
    }

    /// The content as a type, or none when it does not read as one.
    #[must_use]
    pub fn content_as<'a, T: Deserialize<'a>>(&'a self) -> Option<T> {
        serde_json::from_str(self.content.get()).ok()
    }
}

impl Event for Pdu {
    type Id = OwnedEventId;

    fn event_id(&self) -> &OwnedEventId {
        &self.event_id
    }

    fn room_id(&self) -> Option<&RoomId> {
        Some(&self.room_id)
    }

    fn sender(&self) -> &UserId {
        &self.sender
    }

    fn origin_server_ts(&self) -> MilliSecondsSinceUnixEpoch {
        self.origin_server_ts
    }

    fn event_type(&self) -> &TimelineEventType {
        &self.event_type
    }

    fn content(&self) -> &RawValue {
        &self.content
    }

    fn state_key(&self) -> Option<&str> {
        self.state_key.as_deref()
    }

    fn prev_events(&self) -> Box<dyn DoubleEndedIterator<Item = &OwnedEventId> + '_> {
        Box::new(self.prev_events.iter())
    }

    fn auth_events(&self) -> Box<dyn DoubleEndedIterator<Item = &OwnedEventId> + '_> {
        Box::new(self.auth_events.iter())
    }

    fn redacts(&self) -> Option<&OwnedEventId> {
        self.redacts.as_ref()
    }

    fn rejected(&self) -> bool {
        false
    }
}

/// Bytes of a transaction id.
pub const TRANSACTION_ID_BYTES_MAX: usize = 255;

/// Which request it was: a transaction id is unique for one device and one path (spec: "Transaction identifiers").
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TransactionKey {
    /// The device that sent it.
    pub device_id: OwnedDeviceId,
    /// The id that the device chose.
    pub id: OwnedTransactionId,
    /// What the path of the request names besides the room. None in records from before this was recorded; such a
    /// key is equal to that of no request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<TransactionPath>,
    /// The sender.
    pub user_id: OwnedUserId,
}

/// The path of a request that has a transaction id, without the room: `{"send": TYPE}` or `{"redact": EVENT_ID}`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TransactionPath {
    /// `send/{eventType}`
    Send(TimelineEventType),
    /// `redact/{eventId}`
    Redact(OwnedEventId),
}

/// Fact `room.pdu`, version 1: `{"event_id", "pdu", "transaction"?}`.
#[derive(Clone, Debug)]
pub struct PduAdded {
    /// The PDU.
    pub pdu: Arc<Pdu>,
    /// The transaction it came by, if a client sent it.
    pub transaction: Option<TransactionKey>,
}

/// As `{"event_id", "pdu"}`, the exact JSON.
impl Serialize for Pdu {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        PduAddedRepr::<&EventId, &RawValue> { event_id: &self.event_id, pdu: &self.json, transaction: None }
            .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Pdu {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let repr = PduAddedRepr::<OwnedEventId, Box<RawValue>>::deserialize(deserializer)?;
        Self::parse(repr.event_id, repr.pdu).map_err(serde::de::Error::custom)
    }
}

#[derive(Serialize, Deserialize)]
struct PduAddedRepr<E, J> {
    event_id: E,
    pdu: J,
    #[serde(skip_serializing_if = "Option::is_none")]
    transaction: Option<TransactionKey>,
}

impl Serialize for PduAdded {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        PduAddedRepr::<&EventId, &RawValue> {
            event_id: &self.pdu.event_id,
            pdu: &self.pdu.json,
            transaction: self.transaction.clone(),
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for PduAdded {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let repr = PduAddedRepr::<OwnedEventId, Box<RawValue>>::deserialize(deserializer)?;
        let pdu = Pdu::parse(repr.event_id, repr.pdu).map_err(serde::de::Error::custom)?;
        Ok(Self { pdu: Arc::new(pdu), transaction: repr.transaction })
    }
}
