//! The name and avatar of a member, and the one reading of a member event, for those who decide and for those who show.

use ruma::events::room::member::MembershipState;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// What a member event says of its user, beside the membership.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemberProfile {
    /// The display name.
    pub display_name: Option<String>,
    /// The avatar, an `mxc:` address.
    pub avatar_url: Option<String>,
}

/// What a member event says (spec: `m.room.member`). Every content has a reading, so that nobody can pass over an event
/// that another reader takes in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberContent {
    /// What the user is in the room. A content without a membership is none of a member: `leave`.
    pub membership: MembershipState,
    /// The name in this room; none when it is missing or no text.
    pub display_name: Option<String>,
    /// The avatar in this room; none when it is missing or no text.
    pub avatar_url: Option<String>,
}

#[derive(Deserialize)]
struct Content {
    membership: MembershipState,
    #[serde(default, deserialize_with = "text")]
    displayname: Option<String>,
    #[serde(default, deserialize_with = "text")]
    avatar_url: Option<String>,
}

fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let value = serde_json::Value::deserialize(deserializer)?;
    Ok(value.as_str().map(str::to_owned))
}

impl MemberContent {
    /// Reads the content of an `m.room.member` event.
    #[must_use]
    pub fn of(content: &RawValue) -> Self {
        match serde_json::from_str::<Content>(content.get()) {
            Ok(Content { membership, displayname, avatar_url }) => {
                Self { membership, display_name: displayname, avatar_url }
            }
            Err(_) => Self { membership: MembershipState::Leave, display_name: None, avatar_url: None },
        }
    }
}

#[cfg(test)]
mod tests {
    use ruma::events::room::member::MembershipState;
    use serde_json::{json, value::to_raw_value};

    use super::MemberContent;

    #[test]
    fn a_membership_counts_whatever_stands_beside_it() {
        for odd in [json!(1), json!(true), json!([]), json!({}), json!(["a"]), json!({ "a": 1 }), json!(null)] {
            for membership in ["join", "leave", "ban", "invite", "knock"] {
                let content = json!({ "membership": membership, "displayname": odd, "avatar_url": odd, "reason": odd });
                let read = MemberContent::of(&to_raw_value(&content).unwrap());
                assert_eq!(read.membership, MembershipState::from(membership));
                assert_eq!((read.display_name, read.avatar_url), (None, None));
            }
        }
        let content = json!({ "membership": "join", "displayname": "a", "avatar_url": "b" });
        let read = MemberContent::of(&to_raw_value(&content).unwrap());
        assert_eq!((read.display_name.as_deref(), read.avatar_url.as_deref()), (Some("a"), Some("b")));
        for nothing in [json!({}), json!({ "membership": 1 }), json!({ "membership": null })] {
            let read = MemberContent::of(&to_raw_value(&nothing).unwrap());
            assert_eq!(read.membership, MembershipState::Leave, "{nothing}");
        }
    }
}
