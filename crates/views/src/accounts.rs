//! View `accounts`: who exists, how they log in, their sessions and devices, addresses and profiles; invites
//! and admins, locks and links to reset passwords.
//!
//! The only view with secrets in it (password hashes, token hashes). Device keys are another view's.

mod account;
mod admins;
mod emails;
mod erasures;
mod fold;
mod invites;
mod locks;
mod profiles;
mod registration;
mod reset_links;
mod search;
mod sessions;
mod tables;

pub use account::{AccountRow, account, accounts_after, password_phc};
pub use admins::is_admin;
pub use emails::{EmailRow, email_verified_at, emails, user_by_email};
pub use erasures::{ErasureRow, erasure};
pub use fold::AccountsView;
pub use invites::{InviteRow, ListedInvite, invite_of_token, invites};
pub use locks::is_locked;
pub use profiles::{member_profile, profile, profile_field};
pub use registration::registration_token_uses;
pub use reset_links::{ResetLinkRow, reset_link};
pub use search::{FoundUser, search_users};
pub use sessions::{DeviceRow, SessionRow, device, device_count, devices, session_by_token_hash, user_by_refresh_token};
