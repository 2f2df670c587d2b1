//! View `receipts`: who has read which room how far, and what is left for them to read.

mod fold;
mod notifying;
mod read;
mod receipt;
mod rules;
mod since;
mod tables;
mod unread;

pub use fold::ReceiptsView;
pub use notifying::does_notify;
pub use read::ReadUpTo;
pub use receipt::{RECEIPTS_PER_ROOM_MAX, ReceiptRow, has_read_since, receipts_in_room_since};
pub use rules::{PushRules, notifies};
pub use since::notifying_since;
pub use unread::{UNREAD_MAX, Unread, UnreadByThread, unread, unread_by_thread};
