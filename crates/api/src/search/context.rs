//! What stands around an event that was found.

use std::collections::BTreeMap;

use ruma::{
    OwnedUserId,
    api::client::search::search_events::v3::{EventContext, UserProfile},
    events::AnyTimelineEvent,
    serde::Raw,
};
use serde::Serialize;
use views::{
    Rows,
    membership::member,
    rooms::{Entry, timeline_after, timeline_before},
};

use crate::{
    error::ApiError,
    reader::{RoomReader, token_of},
};

/// Events on one side of one that was found.
const SIDE_MAX: u64 = 20;

/// The events around one, with all that every server sends.
#[derive(Serialize)]
pub(super) struct Around {
    start: String,
    end: String,
    events_before: Vec<Raw<AnyTimelineEvent>>,
    events_after: Vec<Raw<AnyTimelineEvent>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    profile_info: BTreeMap<OwnedUserId, UserProfile>,
}

/// What stands around `entry`, as far as the reader may see it.
pub(super) fn around(
    rows: &dyn Rows,
    reader: &RoomReader<'_>,
    (position, row): &Entry,
    asked: &EventContext,
) -> Result<Around, ApiError> {
    let side = |limit: ruma::UInt| usize::try_from(u64::from(limit).min(SIDE_MAX)).unwrap_or_default();
    let before = timeline_before(rows, &reader.room, position.saturating_sub(1), side(asked.before_limit))?;
    let after = timeline_after(rows, &reader.room, *position, side(asked.after_limit))?;
    let start = before.last().map_or(*position, |(first, _)| *first).saturating_sub(1);
    let end = after.last().map_or(*position, |(last, _)| *last);
    let shown = |entries: &[Entry]| {
        let seen = entries.iter().filter(|entry| reader.sight.may_see(*entry));
        seen.map(|entry| reader.render(entry)).collect::<Result<_, ApiError>>()
    };
    let mut profile_info = BTreeMap::new();
    if asked.include_profile {
        for sender in before.iter().chain(&after).map(|(_, row)| &row.sender).chain([&row.sender]) {
            profile_info.insert(sender.clone(), profile(rows, reader, sender)?);
        }
    }
    let (events_before, events_after) = (shown(&before)?, shown(&after)?);
    Ok(Around { start: token_of(start), end: token_of(end), events_before, events_after, profile_info })
}

fn profile(rows: &dyn Rows, reader: &RoomReader<'_>, user: &OwnedUserId) -> Result<UserProfile, ApiError> {
    let mut profile = UserProfile::new();
    if let Some(found) = member(rows, &reader.room, user)? {
        profile.displayname = found.display_name;
        profile.avatar_url = found.avatar_url.map(Into::into);
    }
    Ok(profile)
}
