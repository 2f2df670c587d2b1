//! Profiles (spec: "Profiles"). The endpoints for a field serve the display name and the avatar as well.

mod delete_profile_field;
mod get_profile;
mod get_profile_field;
mod set_profile_field;

use domain::{
    Rejection,
    room::{ChangeMembership, MembershipAction},
    user::{
        SetProfileField,
        profile::{AVATAR_URL, DISPLAY_NAME},
    },
};
use engine::{Engine, SubmitError};
use ruma::{
    UserId,
    api::client::profile::{
        delete_profile_field::v3 as delete_v3, get_profile::v3 as get_v3, get_profile_field::v3 as get_field_v3,
        set_profile_field::v3 as set_field_v3,
    },
};
use serde_json::Value;
use views::Rows;

use crate::{
    endpoint::{Class, Routes},
    error::ApiError,
};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .endpoint::<get_v3::Request, _, _>(Class::Public, get_profile::handle)
        .endpoint::<get_field_v3::Request, _, _>(Class::Public, get_profile_field::handle)
        .endpoint::<set_field_v3::Request, _, _>(Class::Write, set_profile_field::handle)
        .endpoint::<delete_v3::Request, _, _>(Class::Write, delete_profile_field::handle)
}

/// Sets or removes a field and carries a new name or avatar into every room that the person is in.
async fn set(engine: &Engine, user_id: &UserId, field: String, value: Option<Value>) -> Result<(), ApiError> {
    let is_in_rooms = [DISPLAY_NAME, AVATAR_URL].contains(&field.as_str());
    let is_new = engine.submit(SetProfileField { user_id: user_id.to_owned(), field, value }).await?;
    if !(is_new && is_in_rooms) {
        return Ok(());
    }
    let rooms = views::membership::joined_rooms(&*engine.rows(), user_id)?;
    for room_id in rooms {
        let command = ChangeMembership {
            room_id,
            sender: user_id.to_owned(),
            target: user_id.to_owned(),
            action: MembershipAction::Rename,
            reason: None,
        };
        match engine.submit(command).await {
            // A room may forbid what the profile allows; the profile counts.
            Ok(()) | Err(SubmitError::Rejected(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// 404 `M_NOT_FOUND` for people whom this server does not know.
fn check_known(rows: &dyn Rows, user_id: &UserId) -> Result<(), ApiError> {
    match views::accounts::account(rows, user_id)? {
        Some(_) => Ok(()),
        None => Err(Rejection::not_found("There is no such person here.").into()),
    }
}
