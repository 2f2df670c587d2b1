//! The answer to `/sync` with all that every server sends: ruma leaves out what is empty or usual, and clients miss it.

use std::collections::BTreeMap;

use ruma::{
    OneTimeKeyAlgorithm, OwnedEventId, OwnedRoomId, UInt,
    api::client::sync::sync_events::{
        DeviceLists, UnreadNotificationsCount,
        v3::{
            GlobalAccountData, InvitedRoom, JoinedRoom, KnockedRoom, LeftRoom, Presence, Response, RoomSummary, State,
            Timeline, ToDevice,
        },
    },
    events::{AnyRoomAccountDataEvent, AnySyncEphemeralRoomEvent},
    serde::Raw,
};
use serde::{Serialize, Serializer, ser::SerializeMap as _};

/// A whole answer.
#[derive(Serialize)]
pub(super) struct Shape {
    next_batch: String,
    #[serde(skip_serializing_if = "GlobalAccountData::is_empty")]
    account_data: GlobalAccountData,
    #[serde(skip_serializing_if = "Presence::is_empty")]
    presence: Presence,
    #[serde(skip_serializing_if = "ToDevice::is_empty")]
    to_device: ToDevice,
    #[serde(skip_serializing_if = "DeviceLists::is_empty")]
    device_lists: DeviceLists,
    device_one_time_keys_count: BTreeMap<OneTimeKeyAlgorithm, UInt>,
    #[serde(skip_serializing_if = "Option::is_none")]
    device_unused_fallback_key_types: Option<Vec<OneTimeKeyAlgorithm>>,
    #[serde(skip_serializing_if = "Rooms::is_empty")]
    rooms: Rooms,
}

#[derive(Serialize)]
struct Rooms {
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    join: BTreeMap<OwnedRoomId, Joined>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    invite: BTreeMap<OwnedRoomId, InvitedRoom>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    knock: BTreeMap<OwnedRoomId, KnockedRoom>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    leave: BTreeMap<OwnedRoomId, Left>,
}

impl Rooms {
    fn is_empty(&self) -> bool {
        self.join.is_empty() && self.invite.is_empty() && self.knock.is_empty() && self.leave.is_empty()
    }
}

#[derive(Serialize)]
struct Joined {
    timeline: Events<Timeline>,
    #[serde(flatten)]
    state: Events<State>,
    account_data: List<AnyRoomAccountDataEvent>,
    ephemeral: List<AnySyncEphemeralRoomEvent>,
    summary: RoomSummary,
    unread_notifications: UnreadNotificationsCount,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    unread_thread_notifications: BTreeMap<OwnedEventId, UnreadNotificationsCount>,
}

#[derive(Serialize)]
struct Left {
    timeline: Events<Timeline>,
    #[serde(flatten)]
    state: Events<State>,
    account_data: List<AnyRoomAccountDataEvent>,
}

#[derive(Serialize)]
#[serde(bound = "")]
struct List<T> {
    events: Vec<Raw<T>>,
}

/// Something whose events are there though there are none.
struct Events<T>(T);

impl Serialize for Events<Timeline> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("events", &self.0.events)?;
        map.serialize_entry("limited", &self.0.limited)?;
        if let Some(prev_batch) = &self.0.prev_batch {
            map.serialize_entry("prev_batch", prev_batch)?;
        }
        map.end()
    }
}

impl Serialize for Events<State> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        match &self.0 {
            State::Before(state) => map.serialize_entry("state", &Of { events: &state.events })?,
            State::After(state) => map.serialize_entry("state_after", &Of { events: &state.events })?,
            // Ruma may come to know more kinds; the views make these two.
            _ => {}
        }
        map.end()
    }
}

#[derive(Serialize)]
struct Of<'a, T> {
    events: &'a [T],
}

impl From<Response> for Shape {
    fn from(response: Response) -> Self {
        let rooms = response.rooms;
        Self {
            next_batch: response.next_batch,
            account_data: response.account_data,
            presence: response.presence,
            to_device: response.to_device,
            device_lists: response.device_lists,
            device_one_time_keys_count: response.device_one_time_keys_count,
            device_unused_fallback_key_types: response.device_unused_fallback_key_types,
            rooms: Rooms {
                join: rooms.join.into_iter().map(|(id, room)| (id, room.into())).collect(),
                invite: rooms.invite,
                knock: rooms.knock,
                leave: rooms.leave.into_iter().map(|(id, room)| (id, room.into())).collect(),
            },
        }
    }
}

impl From<JoinedRoom> for Joined {
    fn from(room: JoinedRoom) -> Self {
        Self {
            timeline: Events(room.timeline),
            state: Events(room.state),
            account_data: List { events: room.account_data.events },
            ephemeral: List { events: room.ephemeral.events },
            summary: room.summary,
            unread_notifications: room.unread_notifications,
            unread_thread_notifications: room.unread_thread_notifications,
        }
    }
}

impl From<LeftRoom> for Left {
    fn from(room: LeftRoom) -> Self {
        let account_data = List { events: room.account_data.events };
        Self { timeline: Events(room.timeline), state: Events(room.state), account_data }
    }
}
