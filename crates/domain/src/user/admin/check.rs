//! Who may do what only admins may, and to whom.

use ruma::UserId;

use crate::{Context, Rejection, directory::By};

/// Makes sure that somebody may do what only admins may. It comes before anything is said of the account that it is about.
///
/// # Errors
/// 403 `M_FORBIDDEN`.
pub(super) fn check_admin(by: &By, context: &Context<'_>) -> Result<(), Rejection> {
    match by {
        By::Operator => Ok(()),
        By::Account(user_id) if context.lookup.is_admin(user_id)? => Ok(()),
        By::Account(_) => Err(Rejection::forbidden("Only admins of this server may do that.")),
    }
}

/// Makes sure that an account is no admin's: they are made none first, which the last one never is. So nobody is left without an admin by
/// a lock or a deactivation.
///
/// # Errors
/// 403 `M_FORBIDDEN`.
pub(super) fn check_no_admin(user_id: &UserId, context: &Context<'_>) -> Result<(), Rejection> {
    if context.lookup.is_admin(user_id)? {
        return Err(Rejection::forbidden("This account is an admin. Make it none first."));
    }
    Ok(())
}
