//! The one reading of a client's filter (spec: "Filtering"), for `/sync` and for everything else that takes one.

use ruma::{
    RoomId,
    api::client::filter::{RoomEventFilter, UrlFilter},
};
use serde::{Deserialize, de::IgnoredAny};

use crate::rooms::TimelineRow;

/// True when the filter does not leave out the whole room.
#[must_use]
pub fn wants_room(filter: &RoomEventFilter, room: &RoomId) -> bool {
    filter.rooms.as_ref().is_none_or(|rooms| rooms.iter().any(|wanted| wanted == room))
        && !filter.not_rooms.iter().any(|unwanted| unwanted == room)
}

/// True when these types, in which `*` stands for any letters, allow an event of this one.
#[must_use]
pub fn wants_type(types: Option<&[String]>, not_types: &[String], event_type: &str) -> bool {
    let of_type = |pattern: &String| matches_type(pattern, event_type);
    types.is_none_or(|types| types.iter().any(of_type)) && !not_types.iter().any(of_type)
}

/// True when the filter wants this event.
#[must_use]
pub fn is_wanted(filter: &RoomEventFilter, row: &TimelineRow) -> bool {
    wants_type(filter.types.as_deref(), &filter.not_types, &row.event_type)
        && filter.senders.as_ref().is_none_or(|senders| senders.contains(&row.sender))
        && !filter.not_senders.contains(&row.sender)
        && filter.url_filter.is_none_or(|wanted| has_url(row) == (wanted == UrlFilter::EventsWithUrl))
}

fn has_url(row: &TimelineRow) -> bool {
    #[derive(Deserialize)]
    struct Content {
        url: Option<IgnoredAny>,
    }
    row.content_as::<Content>().is_some_and(|content| content.url.is_some())
}

/// `*` stands for any letters, as often as it occurs.
fn matches_type(pattern: &str, event_type: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| event_type.strip_prefix(first)) else {
        return false;
    };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        let Some(found) = rest.find(part) else {
            return false;
        };
        rest = &rest[found + part.len()..];
    }
    true
}

#[cfg(test)]
mod tests {
    use super::matches_type;

    #[test]
    fn a_star_stands_for_any_letters() {
        for (pattern, event_type, expected) in [
            ("m.room.message", "m.room.message", true),
            ("m.room.message", "m.room.messages", false),
            ("m.room.*", "m.room.message", true),
            ("m.room.*", "m.reaction", false),
            ("*", "anything", true),
            ("m.*.start", "m.key.verification.start", true),
            ("m.*.start", "m.key.verification.done", false),
            ("*.key.*.start", "m.key.verification.start", true),
            ("", "m.room.message", false),
        ] {
            assert_eq!(matches_type(pattern, event_type), expected, "{pattern} on {event_type}");
        }
    }
}
