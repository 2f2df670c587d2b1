//! Changing a field of a profile, in every room as well.

use domain::{
    Stream,
    room::{ChangeMembership, MembershipAction, Person},
    user::{
        SetProfileField,
        profile::{AVATAR_URL, DISPLAY_NAME},
    },
};
use engine::{Engine, SubmitError};
use ruma::UserId;
use serde_json::Value;

use crate::{error::ApiError, people::member_profile};

/// Sets or removes a field and carries a new name or avatar into every room that the person is in.
pub(super) async fn set(engine: &Engine, user_id: &UserId, field: String, value: Option<Value>) -> Result<(), ApiError> {
    let is_in_rooms = [DISPLAY_NAME, AVATAR_URL].contains(&field.as_str());
    let is_new = engine.submit(Stream::User(user_id.to_owned()), SetProfileField { field, value }).await?;
    if !(is_new && is_in_rooms) {
        return Ok(());
    }
    let (profile, rooms) = {
        let rows = engine.rows();
        (member_profile(&*rows, user_id)?, views::membership::joined_rooms(&*rows, user_id)?)
    };
    for room_id in rooms {
        let command = ChangeMembership {
            sender: user_id.to_owned(),
            target: Person { user_id: user_id.to_owned(), profile: profile.clone() },
            action: MembershipAction::Rename,
            reason: None,
        };
        match engine.submit(Stream::Room(room_id), command).await {
            // A room may forbid what the profile allows; the profile counts.
            Ok(()) | Err(SubmitError::Rejected(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
