//! One piece of account data, as both endpoints that read it answer.

use domain::{Rejection, user::data::PUSH_RULES};
use engine::Engine;
use ruma::{RoomId, UserId, serde::Raw};

use crate::error::ApiError;

/// One piece of account data, 404 when there is none. Push rules there always are.
pub(super) fn content<T>(
    engine: &Engine,
    user_id: &UserId,
    room_id: Option<&RoomId>,
    event_type: &str,
) -> Result<Raw<T>, ApiError> {
    let rows = engine.rows();
    if room_id.is_none() && event_type == PUSH_RULES {
        return Ok(Raw::from_json(views::account_data::push_rules_content(&*rows, user_id)?));
    }
    let content = views::account_data::account_data(&*rows, user_id, room_id, event_type)?;
    let content = content.ok_or_else(|| Rejection::not_found("You have no account data of that type."))?;
    Ok(Raw::from_json(content))
}
