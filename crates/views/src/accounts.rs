//! View `accounts`: who exists, how they log in, their sessions and devices, addresses and profiles.
//!
//! The only view with secrets in it (password hashes, token hashes). Device keys are another view's.

mod emails;
mod fold;
mod profiles;
mod search;
mod sessions;

pub use emails::{EmailRow, emails, user_by_email};
pub use fold::AccountsView;
pub use profiles::{member_profile, profile, profile_field};
pub use search::{FoundUser, search_users};
pub use sessions::{DeviceRow, SessionRow, device, devices, session_by_token_hash, user_by_refresh_token};

use projection::{Fault, Rows, Table};
use ruma::UserId;
use serde::{Deserialize, Serialize};

/// The view's byte.
const VIEW: u8 = 3;

/// User id → account.
const ACCOUNTS: Table<String, AccountRow> = Table::new(VIEW, 1);
/// User id → Argon2id hash in PHC form.
const PASSWORDS: Table<String, String> = Table::new(VIEW, 2);

/// One account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountRow {
    /// When it was made, milliseconds since the epoch.
    pub created_at_ms: u64,
    /// Nobody logs in to it again.
    pub is_deactivated: bool,
}

/// An account, deactivated ones too.
///
/// # Errors
/// Storage failed.
pub fn account(rows: &dyn Rows, user_id: &UserId) -> Result<Option<AccountRow>, Fault> {
    ACCOUNTS.get(rows, user_id.as_str())
}

/// The hash to check a password with. None for nobody, deactivated accounts and those without a password.
///
/// # Errors
/// Storage failed.
pub fn password_phc(rows: &dyn Rows, user_id: &UserId) -> Result<Option<String>, Fault> {
    PASSWORDS.get(rows, user_id.as_str())
}
