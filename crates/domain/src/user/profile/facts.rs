//! What was decided about profiles.

use ruma::OwnedUserId;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// Fact `profile.field_set`, version 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProfileFieldSet {
    /// The field.
    pub field: String,
    /// Whose profile.
    pub user_id: OwnedUserId,
    /// The new value, which may be null; none when the field was removed.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
}

/// A value that is there. Without this a null would read as no value, and setting one as a removal.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}
