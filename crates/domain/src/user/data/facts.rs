//! What was decided about account data.

use ruma::{OwnedRoomId, OwnedUserId};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// Fact `account_data.set`, version 1.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AccountDataSet {
    /// The content, a JSON object.
    pub content: Box<RawValue>,
    /// The room that it belongs to; none for data of the whole account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room_id: Option<OwnedRoomId>,
    /// The type.
    #[serde(rename = "type")]
    pub event_type: String,
    /// Whose data.
    pub user_id: OwnedUserId,
}
