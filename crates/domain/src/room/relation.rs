//! The one reading of what an event relates to, for those who decide and for those who show.

use memchr::memmem;
use ruma::OwnedEventId;
use serde::Deserialize;
use serde_json::value::RawValue;

/// That an event relates to another (spec: "Forming relationships between events"). A relation without type or without an
/// event is none: such as a plain reply, which clients show and servers do not look at.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct RelatesTo {
    /// For example `m.thread`.
    pub rel_type: String,
    /// The other event.
    pub event_id: OwnedEventId,
}

impl RelatesTo {
    /// Threads.
    pub const THREAD: &str = "m.thread";
    /// Edits.
    pub const REPLACE: &str = "m.replace";
    /// References.
    pub const REFERENCE: &str = "m.reference";

    /// Reads the content of an event, as it stands in its canonical JSON; none when it relates to nothing.
    #[must_use]
    pub fn of(content: &RawValue) -> Option<Self> {
        #[derive(Deserialize)]
        struct Content {
            #[serde(rename = "m.relates_to")]
            relates_to: RelatesTo,
        }
        // Most content has no relation; looking for the word is far cheaper than reading the content.
        memmem::find(content.get().as_bytes(), b"m.relates_to")?;
        serde_json::from_str::<Content>(content.get()).ok().map(|content| content.relates_to)
    }
}

#[cfg(test)]
mod tests {
    use ruma::event_id;
    use serde_json::{json, value::to_raw_value};

    use super::RelatesTo;

    #[test]
    fn a_relation_has_a_type_and_an_event() {
        let of = |content| RelatesTo::of(&to_raw_value(&content).unwrap());
        let thread = RelatesTo { rel_type: "m.thread".to_owned(), event_id: event_id!("$root").to_owned() };
        let reply = json!({ "event_id": "$other" });
        for relates_to in [
            json!({ "rel_type": "m.thread", "event_id": "$root" }),
            json!({ "rel_type": "m.thread", "event_id": "$root", "m.in_reply_to": reply, "is_falling_back": true, "key": 1 }),
        ] {
            assert_eq!(of(json!({ "m.relates_to": relates_to, "body": 1 })), Some(thread.clone()));
        }
        for none in [
            json!({ "m.in_reply_to": reply }),
            json!({ "rel_type": "m.thread" }),
            json!({ "event_id": "$root" }),
            json!({ "rel_type": 1, "event_id": "$root" }),
            json!({ "rel_type": "m.thread", "event_id": "root" }),
            json!("m.thread"),
            json!(null),
        ] {
            assert_eq!(of(json!({ "m.relates_to": none })), None, "{none}");
        }
        assert_eq!(of(json!({ "body": "m.relates_to" })), None);
    }
}
