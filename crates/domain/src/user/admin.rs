//! What admins do to the accounts of others: lock and unlock, deactivate, and make a link by which a password is reset.
//!
//! It is decided on the account's own lane, so that it stands in line with what its owner does. Who is an admin is the directory's, and is
//! looked up.

mod check;
mod deactivate;
mod facts;
mod make_reset_link;
mod reset_password;
mod set_locked;
#[cfg(test)]
mod tests;

pub use deactivate::DeactivateByAdmin;
pub use facts::{AccountLocked, AccountUnlocked, ResetLinkMade};
pub use make_reset_link::{MakeResetLink, RESET_TIME_MS, ResetLinkReply};
pub use reset_password::{ResetBy, ResetPassword, reset_refused};
pub use set_locked::SetLocked;
