//! What was decided about messages between devices.

use ruma::{OwnedDeviceId, OwnedTransactionId, OwnedUserId, events::AnyToDeviceEventContent, serde::Raw};
use serde::{Deserialize, Serialize};

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
