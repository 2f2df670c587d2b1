//! People of this server as requests name them.

use domain::Rejection;
use ruma::UserId;
use views::Rows;

use crate::error::ApiError;

/// 404 `M_NOT_FOUND` for people whom this server does not know.
pub(crate) fn check_known(rows: &dyn Rows, user_id: &UserId) -> Result<(), ApiError> {
    match views::accounts::account(rows, user_id)? {
        Some(_) => Ok(()),
        None => Err(Rejection::not_found("There is no such person here.").into()),
    }
}
