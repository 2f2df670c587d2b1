//! What was decided about filters.

use ruma::OwnedUserId;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// Fact `filter.created`, version 1.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FilterCreated {
    /// The filter.
    pub filter: Box<RawValue>,
    /// Its id, unique for the user.
    pub filter_id: String,
    /// Whose filter.
    pub user_id: OwnedUserId,
}
