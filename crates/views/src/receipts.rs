//! View `receipts`: who has read which room how far, and what is left for them to read.

mod fold;
mod receipt;
mod rules;
mod tables;
mod unread;

pub use fold::ReceiptsView;
pub use receipt::{RECEIPTS_PER_ROOM_MAX, ReceiptRow, has_read_since, receipts_in_room_since, receipts_of};
pub use rules::{PushRules, notifies};
pub use unread::{UNREAD_MAX, Unread, does_notify, unread};
