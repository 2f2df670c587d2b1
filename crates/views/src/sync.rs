//! What a client is told about everything that happened since it asked last: `/sync` and simplified sliding sync.
//!
//! Both are queries over the other views at one position. Waiting for something new is the API's business.

pub mod sliding;
mod timeline;
pub mod v3;

use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

use domain::user::data::PUSH_RULES;
use projection::{Rows, ViewFault};
use ruma::{
    DeviceId, OneTimeKeyAlgorithm, OwnedRoomId, OwnedUserId, RoomId, UInt, UserId,
    api::client::sync::sync_events::{DeviceLists, UnreadNotificationsCount},
    events::AnySyncEphemeralRoomEvent,
    serde::Raw,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::value::{RawValue, to_raw_value};

use crate::{
    END, SyncToken, account_data, keys,
    membership::{self, RoomOfUser, Sight, joined_at},
    reader::Reader,
    receipts,
    show::Viewer,
};

/// The longest timeline that one response holds for one room.
pub const TIMELINE_MAX: usize = 100;
/// To-device messages in one response.
pub const TO_DEVICE_MAX: usize = 100;

/// Who syncs.
#[derive(Clone, Copy, Debug)]
pub struct Caller<'a> {
    /// The person, with whom they ignore, of the same rows.
    pub reader: &'a Reader,
    /// The device.
    pub device: &'a DeviceId,
    /// When they ask, milliseconds since the epoch.
    pub now_ms: u64,
}

impl<'a> Caller<'a> {
    fn user(self) -> &'a UserId {
        self.reader.user()
    }

    fn viewer(self) -> Viewer<'a> {
        Viewer { reader: self.reader, device: Some(self.device), now_ms: self.now_ms, with_room_id: false, sight: None }
    }
}

/// Who is typing, which no view knows because it is never recorded.
pub trait Typing {
    /// The number of the newest change.
    fn newest(&self) -> u64;
    /// Who is typing in `room` of those whom `reader` does not ignore, if that changed after change number `since`.
    fn since(&self, room: &RoomId, since: u64, reader: &Reader) -> Option<Vec<OwnedUserId>>;
}

/// Whose devices the caller has to look up anew, and whom it can forget, after position `since`.
fn device_lists(
    rows: &dyn Rows,
    caller: Caller<'_>,
    rooms: &[(OwnedRoomId, RoomOfUser)],
    since: u64,
) -> Result<DeviceLists, ViewFault> {
    let changed = keys::device_list_changes_since(rows, caller.user(), since, END)?;
    let shared = membership::shared_changes(rows, caller.user(), rooms, since)?;
    let mut known: BTreeSet<OwnedUserId> = shared.gained;
    for user in changed {
        if user == caller.user() || known.contains(&user) || membership::shares_a_room(rows, caller.user(), &user)? {
            known.insert(user);
        }
    }
    let mut lists = DeviceLists::new();
    lists.changed = known.into_iter().collect();
    lists.left = shared.lost.into_iter().collect();
    Ok(lists)
}

/// One-time and fallback keys that a device has left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeysLeft {
    /// How many one-time keys, by algorithm.
    pub one_time: BTreeMap<OneTimeKeyAlgorithm, UInt>,
    /// The algorithms of which there is a fallback key that was not given out yet.
    pub fallback: Vec<OneTimeKeyAlgorithm>,
}

/// The keys that a device has left.
///
/// # Errors
/// A [`ViewFault`] when rows cannot be read.
pub fn keys_left(rows: &dyn Rows, user: &UserId, device: &DeviceId) -> Result<KeysLeft, ViewFault> {
    let left = keys::prekeys_left(rows, user, device)?;
    let count = |count: u64| count.try_into().unwrap_or(UInt::MAX);
    let mut one_time: BTreeMap<_, _> =
        left.one_time.into_iter().map(|(name, left)| (OneTimeKeyAlgorithm::from(name), count(left))).collect();
    // None left is said, and not left out: there are clients that make new ones only then.
    one_time.entry(OneTimeKeyAlgorithm::SignedCurve25519).or_default();
    Ok(KeysLeft { one_time, fallback: left.unused_fallback.into_iter().map(OneTimeKeyAlgorithm::from).collect() })
}

/// How much the caller has not read in a room.
fn unread(rows: &dyn Rows, caller: Caller<'_>, room: &RoomId) -> Result<UnreadNotificationsCount, ViewFault> {
    Ok(counts(receipts::unread(rows, room, caller.reader)?))
}

/// A count as the wire has it.
fn counts(unread: receipts::Unread) -> UnreadNotificationsCount {
    let mut counts = UnreadNotificationsCount::new();
    counts.notification_count = Some(unread.notification_count.try_into().unwrap_or(UInt::MAX));
    counts.highlight_count = Some(unread.highlight_count.try_into().unwrap_or(UInt::MAX));
    counts
}

/// An `m.typing` event.
fn typing_event<T>(users: &[OwnedUserId]) -> Result<Raw<T>, ViewFault> {
    raw(&Shown { content: BTreeMap::from([("user_ids", users)]), event_type: "m.typing" })
}

#[derive(Serialize)]
struct Shown<'a, C> {
    content: C,
    #[serde(rename = "type")]
    event_type: &'a str,
}

/// An event of a type and a content, as account data and ephemeral events are.
fn event<T>(event_type: &str, content: &impl Serialize) -> Result<Raw<T>, ViewFault> {
    raw(&Shown { content, event_type })
}

fn raw<T>(value: &impl Serialize) -> Result<Raw<T>, ViewFault> {
    let json = to_raw_value(value).map_err(|error| ViewFault::caused("an event does not encode".to_owned(), error))?;
    Ok(Raw::from_json(json))
}

/// Reads typing and receipts of a room for `/sync`.
fn ephemeral(
    rows: &dyn Rows,
    caller: Caller<'_>,
    room: &RoomId,
    since: SyncToken,
    typing: &dyn Typing,
) -> Result<Vec<Raw<AnySyncEphemeralRoomEvent>>, ViewFault> {
    let mut events = Vec::new();
    if let Some(users) = typing.since(room, since.typing, caller.reader)
        && !(since.position == 0 && users.is_empty())
    {
        events.push(typing_event(&users)?);
    }
    events.extend(receipts_event(rows, caller, room, since.position)?);
    Ok(events)
}

/// Event id, kind of receipt, user, receipt: the content of `m.receipt`.
type ReceiptContent = BTreeMap<String, BTreeMap<&'static str, BTreeMap<OwnedUserId, ReceiptShown>>>;

#[derive(Serialize)]
struct ReceiptShown {
    ts: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    thread_id: Option<String>,
}

/// The receipts of a room that are new after position `since`, as one `m.receipt` event: for those who are in the room, of
/// events that they may see.
fn receipts_event<T>(rows: &dyn Rows, caller: Caller<'_>, room: &RoomId, since: u64) -> Result<Option<Raw<T>>, ViewFault> {
    // Asked first, as it is asked for every room of every poll, and most have none.
    let mut found = receipts::receipts_in_room_since(rows, room, caller.reader, since)?;
    if found.is_empty() {
        return Ok(None);
    }
    let Some(joined_at) = joined_at(rows, room, caller.user())? else { return Ok(None) };
    if found.iter().any(|row| row.event_position < joined_at) {
        let sight = Sight::load(rows, room, caller.reader)?;
        found.retain(|row| sight.reaches(row.event_position));
    }
    if found.is_empty() {
        return Ok(None);
    }
    let mut content = ReceiptContent::new();
    for row in found {
        let shown = ReceiptShown { ts: row.ts_ms, thread_id: row.thread };
        let of_event = content.entry(row.event_id.to_string()).or_default();
        match of_event.entry(row.kind.as_str()).or_default().entry(row.user_id) {
            Entry::Vacant(place) => drop(place.insert(shown)),
            // There is room for one of each person: the one for the whole room says more than those for threads.
            Entry::Occupied(mut place) if shown.thread_id.is_none() => drop(place.insert(shown)),
            Entry::Occupied(_) => {}
        }
    }
    event("m.receipt", &content).map(Some)
}

/// Account data that is new for the caller, by type.
#[derive(Default)]
struct NewData {
    global: Vec<(String, Box<RawValue>)>,
    rooms: BTreeMap<OwnedRoomId, Vec<(String, Box<RawValue>)>>,
}

/// Account data of the caller after `since`. From the start that is all of it, and the default push rules.
fn new_data(rows: &dyn Rows, caller: Caller<'_>, since: u64) -> Result<NewData, ViewFault> {
    let mut data = NewData::default();
    let mut rules_changed = since == 0;
    for row in account_data::account_data_since(rows, caller.user(), since)? {
        match row.room_id {
            Some(room) => data.rooms.entry(room).or_default().push((row.event_type, row.content)),
            // Everybody has push rules, whether or not they changed any.
            None if row.event_type == PUSH_RULES => rules_changed = true,
            None => data.global.push((row.event_type, row.content)),
        }
    }
    if rules_changed {
        data.global.push((PUSH_RULES.to_owned(), account_data::push_rules_content(rows, caller.user())?));
    }
    Ok(data)
}

/// All account data of one room as events.
fn room_data<T>(rows: &dyn Rows, caller: Caller<'_>, room: &RoomId) -> Result<Vec<Raw<T>>, ViewFault> {
    let found = account_data::account_data_of(rows, caller.user(), Some(room))?;
    found.iter().map(|row| event(&row.event_type, &row.content)).collect()
}

/// The content of a state event as a type; none when it does not read.
fn content_of<T: DeserializeOwned>(rows: &dyn Rows, room: &RoomId, event_type: &str) -> Result<Option<T>, ViewFault> {
    Ok(crate::rooms::state_event(rows, room, event_type, "")?.and_then(|(_, row)| row.content_as()))
}
