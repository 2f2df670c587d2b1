//! Changing a field of a profile, in every room as well.

use domain::{
    room::{ChangeMembership, MembershipAction},
    user::{
        SetProfileField,
        profile::{AVATAR_URL, DISPLAY_NAME},
    },
};
use engine::{Engine, SubmitError};
use ruma::UserId;
use serde_json::Value;

use crate::error::ApiError;

/// Sets or removes a field and carries a new name or avatar into every room that the person is in.
pub(super) async fn set(engine: &Engine, user_id: &UserId, field: String, value: Option<Value>) -> Result<(), ApiError> {
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
