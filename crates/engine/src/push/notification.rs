//! What a push gateway is sent (spec: Push Gateway API, `POST /_matrix/push/v1/notify`). Of what is encrypted it is told that there is
//! something, and no more: a gateway is somebody else's.

use ruma::{RoomId, UserId, push::Action};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, value::RawValue};
use views::push::{NewEvent, PusherKey, PusherRow};

/// Where a pusher's notifications go, and as what.
#[derive(Debug)]
pub(super) struct Destination {
    /// The gateway's address.
    pub(super) url: String,
    names_ids_only: bool,
    device: Device,
}

#[derive(Debug, Serialize)]
struct Device {
    app_id: String,
    /// As the client gave it, without the address.
    data: Map<String, Value>,
    pushkey: String,
    /// Seconds since the epoch.
    pushkey_ts: u64,
    #[serde(skip_serializing_if = "Map::is_empty")]
    tweaks: Map<String, Value>,
}

#[derive(Serialize)]
struct Counts {
    unread: u32,
}

#[derive(Serialize)]
struct Request<'a> {
    notification: Notification<'a>,
}

#[derive(Serialize)]
struct Notification<'a> {
    counts: Counts,
    devices: [&'a Device; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    event_id: Option<&'a str>,
    #[serde(flatten)]
    full: Option<Full<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prio: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    room_id: Option<&'a RoomId>,
}

/// What is told beside the ids of an event in clear.
#[derive(Serialize)]
struct Full<'a> {
    content: &'a RawValue,
    #[serde(skip_serializing_if = "Option::is_none")]
    room_name: Option<&'a str>,
    sender: &'a UserId,
    #[serde(skip_serializing_if = "Option::is_none")]
    sender_display_name: Option<&'a str>,
    #[serde(rename = "type")]
    event_type: &'a str,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    user_is_target: bool,
}

impl Destination {
    /// Where a pusher's notifications go; none of a pusher of another kind.
    pub(super) fn of((_, app_id, pushkey): &PusherKey, row: &PusherRow) -> Option<Self> {
        #[derive(Deserialize)]
        struct Pusher {
            kind: String,
            data: Map<String, Value>,
        }
        let Pusher { kind, mut data } = serde_json::from_str(row.pusher.get()).ok()?;
        let Some(Value::String(url)) = data.remove("url").filter(|_| kind == "http") else { return None };
        let names_ids_only = data.get("format").and_then(Value::as_str) == Some("event_id_only");
        let (app_id, pushkey, pushkey_ts) = (app_id.clone(), pushkey.clone(), row.set_at_ms / 1_000);
        let device = Device { app_id, data, pushkey, pushkey_ts, tweaks: Map::new() };
        Some(Self { url, names_ids_only, device })
    }

    /// The body that tells `owner` of an event.
    pub(super) fn event(&mut self, event: &NewEvent, owner: &UserId, unread: u32) -> serde_json::Result<Vec<u8>> {
        let row = &event.row;
        let is_encrypted = row.event_type == "m.room.encrypted";
        let tweaks = tweaks(&event.actions);
        let wakes = is_encrypted || ["highlight", "sound"].iter().any(|tweak| tweaks.contains_key(*tweak));
        let is_full = !self.names_ids_only && !is_encrypted;
        self.device.tweaks = if is_full { tweaks } else { Map::new() };
        let full = is_full.then(|| Full {
            content: &row.content,
            room_name: event.room_name.as_deref(),
            sender: &row.sender,
            sender_display_name: event.sender_name.as_deref(),
            event_type: &row.event_type,
            user_is_target: row.state_key.as_deref() == Some(owner.as_str()),
        });
        body(Notification {
            counts: Counts { unread },
            devices: [&self.device],
            event_id: Some(row.event_id.as_str()),
            full,
            prio: Some(if wakes { "high" } else { "low" }),
            room_id: Some(&event.room_id),
        })
    }

    /// The body that tells how much is unread now.
    pub(super) fn counts(&mut self, unread: u32) -> serde_json::Result<Vec<u8>> {
        self.device.tweaks = Map::new();
        let (counts, devices) = (Counts { unread }, [&self.device]);
        body(Notification { counts, devices, event_id: None, full: None, prio: None, room_id: None })
    }
}

fn body(notification: Notification<'_>) -> serde_json::Result<Vec<u8>> {
    serde_json::to_vec(&Request { notification })
}

/// What rules want to be done beside notifying, as the gateway is told it.
fn tweaks(actions: &[Action]) -> Map<String, Value> {
    let mut tweaks = Map::new();
    for action in actions {
        let Ok(Value::Object(mut action)) = serde_json::to_value(action) else { continue };
        if let Some(Value::String(name)) = action.remove("set_tweak") {
            tweaks.insert(name, action.remove("value").unwrap_or(Value::Bool(true)));
        }
    }
    tweaks
}
