//! What was decided about pushers.

use ruma::{OwnedDeviceId, OwnedUserId};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// Fact `pusher.set`, version 1.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PusherSet {
    /// The application.
    pub app_id: String,
    /// The session that set it; the pusher ends with it.
    pub device_id: OwnedDeviceId,
    /// The pusher as the specification has it.
    pub pusher: Box<RawValue>,
    /// The address within it.
    pub pushkey: String,
    /// Whose pusher.
    pub user_id: OwnedUserId,
}

/// Fact `pusher.removed`, version 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PusherRemoved {
    /// The application.
    pub app_id: String,
    /// The address within it.
    pub pushkey: String,
    /// Whose pusher.
    pub user_id: OwnedUserId,
}

/// Fact `pusher.reached`, version 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PusherReached {
    /// The application.
    pub app_id: String,
    /// What is new up to this position of the log was told, or nobody wants to be told of it any more.
    pub position: u64,
    /// The address within it.
    pub pushkey: String,
    /// How many unread messages the application was told of last.
    pub unread: u32,
    /// Whose pusher.
    pub user_id: OwnedUserId,
}
