//! Messages from device to device. Not in rooms: they carry the keys of rooms, and are forgotten once delivered.

mod acknowledge;
mod send;
mod state;
#[cfg(test)]
mod tests;

use ruma::{OwnedDeviceId, OwnedTransactionId, OwnedUserId, events::AnyToDeviceEventContent, serde::Raw};
use serde::{Deserialize, Serialize};

pub use acknowledge::AcknowledgeInbox;
pub use send::{Messages, SendToDevice};
pub use state::SendingState;

/// Recipients of one request; a unit of the log holds 1,000 records, one of which remembers the transaction.
pub const RECIPIENTS_MAX: usize = 999;
/// Bytes of the content for one recipient.
pub const CONTENT_BYTES_MAX: usize = 64 << 10;
/// Bytes of a transaction id and of an event type.
pub const NAME_BYTES_MAX: usize = 255;
/// Messages that one acknowledgement removes; what is over waits for the next one.
pub const ACKNOWLEDGED_MAX: usize = 500;

/// A message waits for a device. One fact a device, because each is erased by itself once it is delivered.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct InboxMessage {
    /// The event's content.
    pub content: Raw<AnyToDeviceEventContent>,
    /// Which device receives it.
    pub device_id: OwnedDeviceId,
    /// Who sent it.
    pub sender: OwnedUserId,
    /// The event's type.
    #[serde(rename = "type")]
    pub event_type: String,
    /// Who receives it.
    pub user_id: OwnedUserId,
}

/// A device has received messages; their payloads are erased by the same write.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct InboxAcknowledged {
    /// Which device.
    pub device_id: OwnedDeviceId,
    /// Log positions of the messages.
    pub positions: Vec<u64>,
    /// Whose device.
    pub user_id: OwnedUserId,
}

/// A device sent messages to devices; a repetition of the request is to have no effect.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ToDeviceSent {
    /// The request.
    pub key: ToDeviceKey,
}

/// What makes a request to send unique (spec: "Transaction identifiers").
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ToDeviceKey {
    /// The device that sends.
    pub device_id: OwnedDeviceId,
    /// Chosen by the device.
    pub transaction_id: OwnedTransactionId,
    /// The event's type, which is part of the endpoint's path.
    #[serde(rename = "type")]
    pub event_type: String,
}
