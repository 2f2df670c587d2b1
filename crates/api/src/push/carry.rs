//! Push rules go with whoever joins a room that replaces another.

use domain::user::data::{CarryPushRules, PUSH_RULES};
use engine::{Engine, SubmitError};
use ruma::{OwnedRoomId, OwnedUserId};
use serde::{Deserialize, de::IgnoredAny};
use views::{account_data::account_data, rooms::state_event};

use crate::error::ApiError;

/// Lets a person's rules for the room that this one replaces hold here too, if there are any. Whoever has too many rules has joined
/// all the same.
pub(crate) async fn carry_push_rules(engine: &Engine, user_id: OwnedUserId, room_id: OwnedRoomId) -> Result<(), ApiError> {
    #[derive(Deserialize)]
    struct Create {
        predecessor: Option<IgnoredAny>,
    }
    {
        let rows = engine.rows();
        if account_data(&*rows, &user_id, None, PUSH_RULES)?.is_none() {
            return Ok(());
        }
        let create = state_event(&*rows, &room_id, "m.room.create", "")?.and_then(|(_, row)| row.content_as::<Create>());
        if create.is_none_or(|create| create.predecessor.is_none()) {
            return Ok(());
        }
    }
    match engine.submit(CarryPushRules { room_id, user_id }).await {
        Ok(()) | Err(SubmitError::Rejected(_)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
