//! Tags a room, or takes a tag off (spec: "Room tagging").

use ruma::{OwnedRoomId, OwnedUserId, RoomId, events::room::member::MembershipState};
use serde_json::{Map, Value, json};

use super::{super::UserState, AccountDataSet, DataState, TAGS};
use crate::{Command, Context, Decision, Rejection, room::not_in_room};

/// The longest name of a tag (spec: "Room tagging").
pub const TAG_BYTES_MAX: usize = 255;
/// How many tags one room may have.
pub const TAGS_PER_ROOM_MAX: usize = 100;

/// Tags a room that the person is in, or takes a tag off.
#[derive(Clone, Debug)]
pub struct SetTag {
    /// Who tags.
    pub user_id: OwnedUserId,
    /// The room.
    pub room_id: OwnedRoomId,
    /// The tag.
    pub tag: String,
    /// What the tag says, for example `{"order": 0.5}`; none to take it off.
    pub info: Option<Map<String, Value>>,
}

impl Command for SetTag {
    type On = UserState;
    type Reply = ();

    fn key(&self) -> OwnedUserId {
        self.user_id.clone()
    }

    fn decide(self, state: &UserState, context: &Context<'_>) -> Result<Decision<()>, Rejection> {
        let user_id = state.account.active()?.clone();
        if self.tag.is_empty() || self.tag.len() > TAG_BYTES_MAX {
            return Err(Rejection::invalid_param("A tag has 1 to 255 bytes."));
        }
        if self.info.is_some() && context.lookup.membership(&self.room_id, &user_id)? != Some(MembershipState::Join) {
            return Err(not_in_room());
        }
        let mut tags = tags(&state.data, &self.room_id);
        match self.info {
            Some(info) => tags.insert(self.tag, Value::Object(info)),
            None if !tags.contains_key(&self.tag) => return Ok(Decision::AlreadyDone(())),
            None => tags.remove(&self.tag),
        };
        if tags.len() > TAGS_PER_ROOM_MAX {
            return Err(Rejection::invalid_param("A room has at most 100 tags."));
        }
        let content = serde_json::value::to_raw_value(&json!({ "tags": tags }))
            .map_err(|_| Rejection::bad_json("The tag has no JSON form."))?;
        let fact = AccountDataSet { user_id, room_id: Some(self.room_id), event_type: TAGS.to_owned(), content };
        Ok(match state.data.change(fact)? {
            Some(fact) => Decision::accept([fact], ()),
            None => Decision::AlreadyDone(()),
        })
    }
}

fn tags(state: &DataState, room_id: &RoomId) -> Map<String, Value> {
    let content = state.content(Some(room_id), TAGS).and_then(|content| serde_json::from_str::<Value>(content.get()).ok());
    content
        .and_then(|mut content| content.get_mut("tags").and_then(Value::as_object_mut).map(std::mem::take))
        .unwrap_or_default()
}
