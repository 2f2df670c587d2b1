//! One room of a window.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use projection::ViewFault;
use ruma::{
    JsOption, OwnedMxcUri, OwnedUserId, RoomId, UInt,
    api::client::sync::sync_events::v5::response::{Hero, Room},
    events::{AnySyncStateEvent, room::member::MembershipState},
    serde::Raw,
};
use serde::Deserialize;

use super::{
    connection::{Scope, Shown, Wanted},
    list::direct_rooms,
};
use crate::{
    END, SyncToken,
    membership::{RoomOfUser, summary},
    receipts::has_read_since,
    rooms::{StateKey, current_state, entry_at, has_newer, newest_of_timeline, state_changes, state_event, stripped_state},
    show::render_state,
    sync::{
        content_of,
        timeline::{Chunk, Cut, chunk},
        unread,
    },
};

/// How far back the newest event that moves a room up is looked for.
const BUMP_SEARCH: usize = 20;

/// What is new in a room since it was shown, and what has been shown of it then. None when nothing is new; only the latter
/// when nothing of it is for the caller.
pub(super) fn news(
    scope: Scope<'_>,
    room: &RoomId,
    of_user: &RoomOfUser,
    wanted: &Wanted,
    shown: Option<&Shown>,
) -> Result<Option<(Option<Room>, Shown)>, ViewFault> {
    let joined = of_user.membership == MembershipState::Join;
    let mut now = Shown {
        through: scope.position,
        joined,
        limit: wanted.limit.max(shown.map_or(0, |shown| shown.limit)),
        // What was wanted before and is no longer is not told any more: asking for it again, the client must get it anew.
        required: Arc::clone(&wanted.required),
    };
    let news = match of_user.membership {
        MembershipState::Join => match joined_room(scope, room, wanted, shown)? {
            News::Nothing => None,
            News::Hidden => return Ok(Some((None, now))),
            News::Told(room) => Some(*room),
        },
        MembershipState::Invite | MembershipState::Knock => {
            let is_news = shown.is_none_or(|shown| of_user.position > shown.through);
            if is_news { Some(invited_room(scope, room)?) } else { None }
        }
        _ => Some(left_room(scope, room, of_user, wanted, shown)?),
    };
    if news.as_ref().is_some_and(|news| news.limited) {
        // A cut leaves the client with no more than this chunk: asking for a longer one later, it must get it again.
        now.limit = wanted.limit;
    }
    Ok(news.map(|room| (Some(room), now)))
}

enum News {
    /// Nothing happened.
    Nothing,
    /// Only those whom the caller ignores said something.
    Hidden,
    Told(Box<Room>),
}

fn joined_room(scope: Scope<'_>, room: &RoomId, wanted: &Wanted, shown: Option<&Shown>) -> Result<News, ViewFault> {
    let shown = shown.filter(|shown| shown.joined);
    let told = shown.map_or(0, |shown| shown.through);
    let more_timeline = shown.is_some_and(|shown| wanted.limit > shown.limit);
    let more_state = shown.is_some_and(|shown| !wanted.required.is_subset(&shown.required));
    let has_news = has_newer(scope.rows, room, told)?;
    if !has_news && !more_timeline && !more_state {
        return read_room(scope, room, told);
    }
    let is_initial = shown.is_none();
    // On a first answer everything is history.
    let is_first = scope.before.told == SyncToken::default();
    let cut = Cut {
        after: if more_timeline { 0 } else { told },
        through: None,
        live_after: if is_first { scope.position } else { scope.before.told.position.max(told) },
        limit: wanted.limit.max(1),
        wanted: &|_| true,
    };
    let mut chunk = chunk(scope.rows, scope.caller, room, &cut)?;
    if !is_initial && !more_timeline && !more_state && !chunk.limited && chunk.events.is_empty() {
        return Ok(News::Hidden);
    }
    if wanted.limit == 0 {
        chunk.limited |= !chunk.events.is_empty();
        chunk.events.clear();
    }
    let changes = if is_initial || more_state {
        current_state(scope.rows, room)?
    } else {
        state_changes(scope.rows, room, told, END)?
    };
    let members_changed = is_initial || changes.keys().any(|(event_type, _)| event_type == "m.room.member");
    let mut news = Room::new();
    if is_initial {
        news.initial = Some(true);
        news.is_dm = Some(direct_rooms(scope)?.iter().any(|direct| direct == room));
    }
    news.required_state = required_state(scope, room, wanted, &chunk, changes, is_initial)?;
    describe(scope, room, members_changed, &mut news)?;
    news.unread_notifications = unread(scope.rows, scope.caller, room)?;
    news.prev_batch = chunk.prev_batch();
    news.limited = chunk.limited || more_timeline;
    news.num_live = Some(chunk.live.try_into().unwrap_or(UInt::MAX));
    news.timeline = chunk.events;
    news.bump_stamp = bump_stamp(scope, room)?;
    Ok(News::Told(Box::new(news)))
}

/// What a room has to say in which nothing happened: how much is unread, if the caller has read something.
fn read_room(scope: Scope<'_>, room: &RoomId, told: u64) -> Result<News, ViewFault> {
    if !has_read_since(scope.rows, room, scope.caller.user(), told)? {
        return Ok(News::Nothing);
    }
    let mut news = Room::new();
    news.unread_notifications = unread(scope.rows, scope.caller, room)?;
    Ok(News::Told(Box::new(news)))
}

/// Name, avatar, heroes and counts, as a client needs them for its list.
fn describe(scope: Scope<'_>, room: &RoomId, members_changed: bool, news: &mut Room) -> Result<(), ViewFault> {
    #[derive(Deserialize)]
    struct Name {
        name: Option<String>,
    }
    #[derive(Deserialize)]
    struct Avatar {
        url: Option<OwnedMxcUri>,
    }
    news.name = content_of::<Name>(scope.rows, room, "m.room.name")?
        .and_then(|content| content.name)
        .filter(|name| !name.is_empty());
    if let Some(avatar) = content_of::<Avatar>(scope.rows, room, "m.room.avatar")? {
        news.avatar = avatar.url.map_or(JsOption::Null, JsOption::Some);
    }
    if members_changed {
        let found = summary(scope.rows, room, scope.caller.user())?;
        news.joined_count = Some(found.joined.try_into().unwrap_or(UInt::MAX));
        news.invited_count = Some(found.invited.try_into().unwrap_or(UInt::MAX));
        let hero = |(user, member): (OwnedUserId, crate::membership::Member)| {
            let mut hero = Hero::new(user);
            hero.name = member.display_name;
            hero.avatar = member.avatar_url.map(OwnedMxcUri::from);
            hero
        };
        news.heroes = Some(found.heroes.into_iter().map(hero).collect());
    }
    Ok(())
}

fn invited_room(scope: Scope<'_>, room: &RoomId) -> Result<Room, ViewFault> {
    let mut news = Room::new();
    news.initial = Some(true);
    news.invite_state =
        Some(stripped_state(scope.rows, room, scope.caller.user())?.into_iter().map(Raw::from_json).collect());
    Ok(news)
}

/// The last thing that somebody who left is told: up to the member event that says so.
fn left_room(
    scope: Scope<'_>,
    room: &RoomId,
    of_user: &RoomOfUser,
    wanted: &Wanted,
    shown: Option<&Shown>,
) -> Result<Room, ViewFault> {
    let was_joined = shown.is_some_and(|shown| shown.joined);
    let told = shown.map_or(0, |shown| shown.through);
    let after = if was_joined { told } else { of_user.position.saturating_sub(1) };
    let cut = Cut {
        after,
        through: Some(of_user.position),
        live_after: scope.before.told.position,
        limit: wanted.limit.max(1),
        wanted: &|_| true,
    };
    let chunk = chunk(scope.rows, scope.caller, room, &cut)?;
    let mut news = Room::new();
    if let Some((position, row)) = state_event(scope.rows, room, "m.room.member", scope.caller.user().as_str())? {
        let member = render_state(scope.rows, room, &(position, row), scope.caller.viewer())?;
        news.required_state = vec![Raw::from_json(member)];
    }
    news.prev_batch = chunk.prev_batch();
    news.limited = chunk.limited;
    news.num_live = Some(chunk.live.try_into().unwrap_or(UInt::MAX));
    news.timeline = chunk.events;
    Ok(news)
}

/// The state events among `changes` that were asked for, and the members who sent what the timeline shows.
fn required_state(
    scope: Scope<'_>,
    room: &RoomId,
    wanted: &Wanted,
    chunk: &Chunk,
    changes: BTreeMap<StateKey, u64>,
    is_initial: bool,
) -> Result<Vec<Raw<AnySyncStateEvent>>, ViewFault> {
    let senders: BTreeSet<&str> = chunk.senders.iter().map(|sender| sender.as_str()).collect();
    let lazy = wanted.required.has_lazy_members();
    let mut positions: BTreeSet<u64> = changes
        .into_iter()
        .filter(|((event_type, key), _)| {
            let is_member = event_type == "m.room.member";
            let lazily = is_member && lazy && (senders.contains(key.as_str()) || !is_initial);
            lazily || wanted.required.includes(event_type, key, scope.caller.user())
        })
        .map(|(_, position)| position)
        .collect();
    if lazy {
        for sender in &senders {
            positions.extend(state_event(scope.rows, room, "m.room.member", sender)?.map(|(position, _)| position));
        }
    }
    let mut events = Vec::with_capacity(positions.len());
    for position in positions {
        if let Some(row) = entry_at(scope.rows, room.as_str(), position)? {
            events.push(Raw::from_json(render_state(scope.rows, room, &(position, row), scope.caller.viewer())?));
        }
    }
    Ok(events)
}

/// The position of the newest event that moves a room up in a list (MSC4186: `bump_stamp`).
fn bump_stamp(scope: Scope<'_>, room: &RoomId) -> Result<Option<UInt>, ViewFault> {
    const BUMPING: [&str; 8] = [
        "m.room.create",
        "m.room.message",
        "m.room.encrypted",
        "m.sticker",
        "m.call.invite",
        "m.poll.start",
        "m.beacon_info",
        "m.reaction",
    ];
    let reader = scope.caller.reader;
    let newest = newest_of_timeline(scope.rows, room, (0, END), BUMP_SEARCH, |entry| reader.hides(entry))?.entries;
    let bump = newest.iter().rfind(|(_, row)| BUMPING.contains(&row.event_type.as_str())).or_else(|| newest.first());
    Ok(bump.and_then(|(position, _)| UInt::try_from(*position).ok()))
}
