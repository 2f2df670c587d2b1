//! People of this server as requests name them: whether they are known, and what rooms are told of them.

use domain::{
    Rejection,
    room::{MemberProfile, Person},
    user::profile::{AVATAR_URL, DISPLAY_NAME},
};
use ruma::UserId;
use views::{Fault, Rows};

use crate::error::ApiError;

/// 404 `M_NOT_FOUND` for people whom this server does not know.
pub(crate) fn check_known(rows: &dyn Rows, user_id: &UserId) -> Result<(), ApiError> {
    match views::accounts::account(rows, user_id)? {
        Some(_) => Ok(()),
        None => Err(Rejection::not_found("There is no such person here.").into()),
    }
}

/// The profile as member events carry it.
///
/// # Errors
/// Storage failed.
pub(crate) fn member_profile(rows: &dyn Rows, user_id: &UserId) -> Result<MemberProfile, Fault> {
    let text = |field| -> Result<Option<String>, Fault> {
        let value = views::accounts::profile_field(rows, user_id, field)?;
        Ok(value.and_then(|value| value.as_str().map(str::to_owned)))
    };
    Ok(MemberProfile { display_name: text(DISPLAY_NAME)?, avatar_url: text(AVATAR_URL)? })
}

/// A person with their profile.
pub(crate) fn person(rows: &dyn Rows, user_id: &UserId) -> Result<Person, ApiError> {
    Ok(Person { user_id: user_id.to_owned(), profile: member_profile(rows, user_id)? })
}

/// A person who is to be invited.
///
/// # Errors
/// 404 `M_NOT_FOUND` for people whom this server does not know: without federation nobody could come.
pub(crate) fn invitee(rows: &dyn Rows, user_id: &UserId) -> Result<Person, ApiError> {
    if views::accounts::account(rows, user_id)?.is_none() {
        return Err(Rejection::not_found("There is no such person here.").into());
    }
    person(rows, user_id)
}
