//! What is kept of a call for the case that the page goes away in it.

use serde::{Deserialize, Serialize};

use super::summary::Summary;

/// A call that was live when the page went away. The driver keeps the latest one in the browser's storage, and steps it
/// in as [`super::CallInput::FoundLeftOver`] at the next start, so that the other side is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOver {
    /// The room.
    pub room_id: String,
    /// The call.
    pub call_id: String,
    /// What its last message will say.
    pub summary: Summary,
    /// Whether that is a "no": it was not answered here, and no other device is to answer it.
    #[serde(default)]
    pub rejects: bool,
}
