//! What was decided about the payloads of a person who is to be forgotten.

use ruma::OwnedUserId;
use serde::{Deserialize, Serialize};

/// Facts `account.erased`, `account.emails_erased`, `inbox.erased` and `backup.erased`, version 1: nothing counts any more that the stream
/// said of a person before. The payloads at these positions are erased.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayloadsErased {
    /// Nothing is left in the stream that is to be erased.
    pub is_last: bool,
    /// Where in the log, within the fact's own stream, rising.
    pub positions: Vec<u64>,
    /// Whose account it is.
    pub user_id: OwnedUserId,
}
