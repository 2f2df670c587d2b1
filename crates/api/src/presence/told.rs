//! What syncs are told of who is there, and what they say about it by asking.

use std::time::Duration;

use domain::Rejection;
use engine::{
    Engine,
    ephemeral::{Presence, Sign},
};
use ruma::{
    OwnedUserId, UInt,
    api::client::filter::Filter,
    events::presence::{PresenceEvent, PresenceEventContent},
    presence::PresenceState,
    serde::Raw,
};
use views::{Audience, Reader, Rows, filter::wants_type, membership};

use crate::{error::ApiError, extract::Sender};

/// How long somebody is there after a sync is over: until the next one comes.
const GRACE: Duration = Duration::from_secs(30);
/// Changes that are looked at for one answer, the newest ones.
const CHANGES_MAX: usize = 200;
/// People of whom one answer tells.
const TOLD_MAX: usize = 100;

/// Takes a sign that the sender is there, and wakes whom that concerns if it is news.
pub(super) async fn take_sign(
    engine: &Engine,
    sender: &Sender,
    state: PresenceState,
    lasting: Duration,
    said: Option<(PresenceState, Option<String>)>,
) {
    let now_ms = u64::from(engine.now().0);
    let sign = Sign { device: &sender.device_id, state, lasting, now_ms };
    if engine.ephemeral().take_sign(&sender.user_id, &sign, said) {
        let audience = Audience::Observers(sender.user_id.clone());
        let observers = engine.read(&sender.user_id, |rows| Ok::<_, ApiError>(membership::people_of(rows, &audience)?));
        // Where there is no time for it, they hear of it with their next answers.
        if let Ok(observers) = observers.await {
            engine.ephemeral().wake_some(observers);
        }
    }
}

/// Takes what a sync that may wait for so long says of the sender.
pub(crate) async fn take_sync(
    engine: &Engine,
    sender: &Sender,
    state: PresenceState,
    timeout: Duration,
) -> Result<(), ApiError> {
    if !matches!(state, PresenceState::Online | PresenceState::Unavailable | PresenceState::Offline) {
        return Err(Rejection::invalid_param("A presence is online, offline or unavailable.").into());
    }
    take_sign(engine, sender, state, timeout + GRACE, None).await;
    Ok(())
}

/// Whose presence changed after change number `since`: the reader's own, and that of people with whom they share a room and whom they
/// do not ignore. A number from before a restart is larger than any of now: then all is told.
pub(crate) fn news(
    engine: &Engine,
    rows: &dyn Rows,
    reader: &Reader,
    since: u64,
    filter: &Filter,
) -> Result<Vec<Raw<PresenceEvent>>, ApiError> {
    let hub = engine.ephemeral();
    let changes = hub.presence_since(if since > hub.newest() { 0 } else { since }, CHANGES_MAX);
    let mut events = Vec::new();
    if changes.is_empty() || !wants_type(filter.types.as_deref(), &filter.not_types, "m.presence") {
        return Ok(events);
    }
    for (user, presence) in changes {
        let is_asked_for = filter.senders.as_ref().is_none_or(|senders| senders.contains(&user));
        if !is_asked_for || filter.not_senders.contains(&user) || reader.ignores(&user) {
            continue;
        }
        if user == reader.user() || membership::shares_a_room(rows, reader.user(), &user)? {
            events.push(event(engine, user, presence)?);
        }
        if events.len() == TOLD_MAX {
            break;
        }
    }
    Ok(events)
}

/// How long ago somebody was active, milliseconds; none when they were not since the start.
pub(super) fn active_ago_ms(engine: &Engine, presence: &Presence) -> Option<u64> {
    let is_known = presence.active_at_ms > 0;
    is_known.then(|| u64::from(engine.now().0).saturating_sub(presence.active_at_ms))
}

fn event(engine: &Engine, sender: OwnedUserId, presence: Presence) -> Result<Raw<PresenceEvent>, ApiError> {
    let mut content = PresenceEventContent::new(presence.state.clone());
    content.currently_active = Some(presence.state == PresenceState::Online);
    content.last_active_ago = active_ago_ms(engine, &presence).map(UInt::new_saturating);
    content.status_msg = presence.status_msg;
    let event = PresenceEvent { content, sender };
    Ok(Raw::new(&event).map_err(|error| views::ViewFault::caused("presence has no JSON form", error))?)
}
