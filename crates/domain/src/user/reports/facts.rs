//! What was decided about reports.

use ruma::{OwnedEventId, OwnedRoomId, OwnedUserId};
use serde::{Deserialize, Serialize};

/// Fact `report.made`, version 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportMade {
    /// The event, if one was reported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_id: Option<OwnedEventId>,
    /// What the person says about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The person who was reported, or who sent the event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reported_user_id: Option<OwnedUserId>,
    /// The room that was reported, or that the event is in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room_id: Option<OwnedRoomId>,
    /// Who reports.
    pub user_id: OwnedUserId,
}
