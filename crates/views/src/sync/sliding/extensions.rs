//! The extensions of sliding sync: to-device messages, end-to-end keys, account data, receipts, typing.

use std::collections::BTreeSet;

use projection::ViewFault;
use ruma::{
    OwnedRoomId,
    api::client::sync::sync_events::v5::{
        Request, Response, request,
        response::{Extensions, ToDevice},
    },
};

use super::connection::{Connection, Scope};
use crate::{
    SyncToken, inbox,
    membership::{joined_at, rooms_of},
    sync::{TO_DEVICE_MAX, device_lists, event, keys_left, new_data, receipts_event, room_data, typing_event},
};

/// Adds what the request's extensions ask for. True when the client should ask again at once, whatever it is told.
pub(super) fn add(
    scope: Scope<'_>,
    request: &Request,
    response: &mut Response,
    connection: &mut Connection,
) -> Result<bool, ViewFault> {
    let asked = &request.extensions;
    let is_on = |enabled: Option<bool>| enabled == Some(true);
    // The rooms that this connection shows, and those among them that it shows from the start.
    let shown: BTreeSet<OwnedRoomId> = connection.rooms.keys().cloned().collect();
    let fresh: BTreeSet<OwnedRoomId> =
        shown.iter().filter(|room| !scope.before.rooms.contains_key(*room)).cloned().collect();
    let mut more_waits = false;
    if is_on(asked.to_device.enabled) {
        let (waiting, more) = to_device(scope, &asked.to_device)?;
        response.extensions.to_device = Some(waiting);
        more_waits = more;
    }
    if is_on(asked.e2ee.enabled) {
        let e2ee = &mut response.extensions.e2ee;
        if scope.before.told != SyncToken::default() {
            let rooms = rooms_of(scope.rows, scope.caller.user())?;
            e2ee.device_lists = device_lists(scope.rows, scope.caller, &rooms, scope.before.told.position)?;
        }
        let keys = keys_left(scope.rows, scope.caller.user(), scope.caller.device)?;
        connection.keys = Some(keys.clone());
        e2ee.device_one_time_keys_count = keys.one_time;
        e2ee.device_unused_fallback_key_types = Some(keys.fallback);
    }
    if is_on(asked.account_data.enabled) {
        account_data(scope, &shown, &fresh, response)?;
    }
    // Receipts and typing are of those who are in the room, for those who are in it.
    let mut joined = Vec::with_capacity(shown.len());
    for room in &shown {
        if joined_at(scope.rows, room, scope.caller.user())?.is_some() {
            joined.push(room);
        }
    }
    if is_on(asked.receipts.enabled) {
        for room in joined.iter().copied() {
            let since = if fresh.contains(room) { 0 } else { scope.before.told.position };
            if let Some(event) = receipts_event(scope.rows, scope.caller, room, since)? {
                response.extensions.receipts.rooms.insert(room.clone(), event);
            }
        }
    }
    if is_on(asked.typing.enabled) {
        for room in joined.iter().copied() {
            if let Some(users) = scope.typing.since(room, scope.before.told.typing, scope.caller.reader)
                && !(users.is_empty() && fresh.contains(room))
            {
                response.extensions.typing.rooms.insert(room.clone(), typing_event(&users)?);
            }
        }
    }
    Ok(more_waits)
}

/// True when no extension tells anything. Key counts are always there and are compared elsewhere.
pub(super) fn is_empty(extensions: &Extensions) -> bool {
    extensions.to_device.as_ref().is_none_or(|to_device| to_device.events.is_empty())
        && extensions.e2ee.device_lists.is_empty()
        && extensions.account_data.is_empty()
        && extensions.receipts.is_empty()
        && extensions.typing.is_empty()
}

/// The messages that wait, and whether more do.
fn to_device(scope: Scope<'_>, asked: &request::ToDevice) -> Result<(ToDevice, bool), ViewFault> {
    let since: SyncToken = asked.since.as_deref().and_then(|since| since.parse().ok()).unwrap_or_default();
    let limit = asked.limit.map_or(TO_DEVICE_MAX, |limit| usize::try_from(u64::from(limit)).unwrap_or(usize::MAX));
    let limit = limit.clamp(1, TO_DEVICE_MAX);
    let caller = scope.caller;
    let between = (since.position, scope.position);
    let waiting = inbox::inbox_page(scope.rows, caller.reader, caller.device, between, limit)?;
    // A full page ends at its last message; the rest comes with the next request.
    let told = if waiting.is_full { waiting.through } else { scope.position };
    let mut to_device = ToDevice::default();
    to_device.next_batch = SyncToken::at(told).to_string();
    to_device.events = waiting.events;
    Ok((to_device, waiting.is_full))
}

fn account_data(
    scope: Scope<'_>,
    shown: &BTreeSet<OwnedRoomId>,
    fresh: &BTreeSet<OwnedRoomId>,
    response: &mut Response,
) -> Result<(), ViewFault> {
    let data = new_data(scope.rows, scope.caller, scope.before.told.position)?;
    let told = &mut response.extensions.account_data;
    for (event_type, content) in &data.global {
        told.global.push(event(event_type, content)?);
    }
    for room in shown {
        let events = if fresh.contains(room) {
            room_data(scope.rows, scope.caller, room)?
        } else {
            let new = data.rooms.get(room).into_iter().flatten();
            new.map(|(event_type, content)| event(event_type, content)).collect::<Result<_, _>>()?
        };
        if !events.is_empty() {
            told.rooms.insert(room.clone(), events);
        }
    }
    Ok(())
}
