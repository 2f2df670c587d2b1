//! Messages from device to device. Not in rooms: they carry the keys of rooms, and are forgotten once delivered.

mod acknowledge;
mod facts;
mod send;
mod state;
#[cfg(test)]
mod tests;
mod waiting;

pub use acknowledge::AcknowledgeInbox;
pub use facts::{InboxAcknowledged, InboxMessage, ToDeviceKey, ToDeviceSent};
pub use send::{Messages, SendToDevice};
pub use state::{SendingState, TRANSACTIONS_MAX};
pub use waiting::{
    InboxFill, LEAST_BYTES_MAX, LEAST_MESSAGES_MAX, OTHERS_BYTES_MAX, OTHERS_MESSAGES_MAX, SENDER_BYTES_MAX,
    SENDER_MESSAGES_MAX, UNREAD_MS_MAX, Waiting,
};

/// Recipients of one request; a unit of the log holds 1,000 records, one of which remembers the transaction.
pub const RECIPIENTS_MAX: usize = 999;
/// Bytes of the content for one recipient.
pub const CONTENT_BYTES_MAX: usize = 64 << 10;
/// Bytes of a transaction id and of an event type.
pub const NAME_BYTES_MAX: usize = 255;
/// Messages that one acknowledgement removes; what is over waits for the next one.
pub const ACKNOWLEDGED_MAX: usize = 500;
