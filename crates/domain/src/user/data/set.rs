//! Sets account data (spec: `PUT /user/{userId}/account_data/{type}` and the same for a room).

use ruma::{OwnedRoomId, OwnedUserId, api::error::ErrorKind};
use serde_json::value::RawValue;

use super::{super::UserState, AccountDataSet, FULLY_READ, IGNORED_USER_LIST, PUSH_RULES, ignored};
use crate::{Command, Context, Decision, Rejection, room::not_in_room};

/// Sets one piece of account data.
#[derive(Clone, Debug)]
pub struct SetAccountData {
    /// Whose data.
    pub user_id: OwnedUserId,
    /// The room that it belongs to; none for data of the whole account.
    pub room_id: Option<OwnedRoomId>,
    /// The type.
    pub event_type: String,
    /// The content, a JSON object.
    pub content: Box<RawValue>,
}

impl Command for SetAccountData {
    type On = UserState;
    type Reply = ();

    fn key(&self) -> OwnedUserId {
        self.user_id.clone()
    }

    fn decide(self, state: &UserState, context: &Context<'_>) -> Result<Decision<()>, Rejection> {
        let user_id = state.account.active()?.clone();
        // The specification asks for exactly this status and code: these two have endpoints of their own.
        if [FULLY_READ, PUSH_RULES].contains(&self.event_type.as_str()) {
            return Err(Rejection::new(405, ErrorKind::BadJson, "This type of account data cannot be set here."));
        }
        if !self.content.get().trim_start().starts_with('{') {
            return Err(Rejection::bad_json("Account data is a JSON object."));
        }
        // Never cut short instead: nobody would know whom it no longer keeps away.
        if self.room_id.is_none() && self.event_type == IGNORED_USER_LIST && ignored::is_too_long(&self.content) {
            return Err(Rejection::too_large("You can ignore at most 1,000 people."));
        }
        // People keep data on rooms that they have left, but not on rooms they never had to do with.
        if let Some(room_id) = &self.room_id
            && context.lookup.membership(room_id, &user_id)?.is_none()
        {
            return Err(not_in_room());
        }
        let fact = AccountDataSet { user_id, room_id: self.room_id, event_type: self.event_type, content: self.content };
        Ok(match state.data.change(fact)? {
            Some(fact) => Decision::accept([fact], ()),
            None => Decision::AlreadyDone(()),
        })
    }
}
