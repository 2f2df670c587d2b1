//! Account data (spec: "Client Config"). Tags, push rules and read markers have endpoints of their own.

mod get_global_account_data;
mod get_room_account_data;
mod set_global_account_data;
mod set_room_account_data;

use domain::{Rejection, user::data::PUSH_RULES};
use engine::Engine;
use ruma::{
    RoomId, UserId,
    api::client::config::{
        get_global_account_data::v3 as get_v3, get_room_account_data::v3 as get_room_v3,
        set_global_account_data::v3 as set_v3, set_room_account_data::v3 as set_room_v3,
    },
    serde::Raw,
};

use crate::{
    endpoint::{Class, Routes},
    error::ApiError,
};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .endpoint::<get_v3::Request, _, _>(Class::Read, get_global_account_data::handle)
        .endpoint::<set_v3::Request, _, _>(Class::Write, set_global_account_data::handle)
        .endpoint::<get_room_v3::Request, _, _>(Class::Read, get_room_account_data::handle)
        .endpoint::<set_room_v3::Request, _, _>(Class::Write, set_room_account_data::handle)
}

/// One piece of account data, 404 when there is none. Push rules there always are.
fn content<T>(engine: &Engine, user_id: &UserId, room_id: Option<&RoomId>, event_type: &str) -> Result<Raw<T>, ApiError> {
    let rows = engine.rows();
    if room_id.is_none() && event_type == PUSH_RULES {
        return Ok(Raw::from_json(views::account_data::push_rules_content(&*rows, user_id)?));
    }
    let content = views::account_data::account_data(&*rows, user_id, room_id, event_type)?;
    let content = content.ok_or_else(|| Rejection::not_found("You have no account data of that type."))?;
    Ok(Raw::from_json(content))
}
