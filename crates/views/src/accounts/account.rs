//! Accounts and their passwords.

use projection::{KeyRange, Order, Rows, Table, ViewFault};
use ruma::UserId;
use serde::{Deserialize, Serialize};

use super::tables::VIEW;

/// User id → account.
pub(super) const ACCOUNTS: Table<String, AccountRow> = Table::new(VIEW, 1);
/// User id → Argon2id hash in PHC form.
pub(super) const PASSWORDS: Table<String, String> = Table::new(VIEW, 2);

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
pub fn account(rows: &dyn Rows, user_id: &UserId) -> Result<Option<AccountRow>, ViewFault> {
    ACCOUNTS.get(rows, user_id.as_str())
}

/// At most `limit` accounts, deactivated ones too, by their ids: those after `last`, or from the first on.
///
/// # Errors
/// Storage failed.
pub fn accounts_after(rows: &dyn Rows, last: Option<&str>, limit: usize) -> Result<Vec<(String, AccountRow)>, ViewFault> {
    let range = last.map_or_else(KeyRange::whole, KeyRange::after);
    ACCOUNTS.collect(rows, range, Order::Ascending, limit)
}

/// The hash to check a password with. None for nobody, deactivated accounts and those without a password.
///
/// # Errors
/// Storage failed.
pub fn password_phc(rows: &dyn Rows, user_id: &UserId) -> Result<Option<String>, ViewFault> {
    PASSWORDS.get(rows, user_id.as_str())
}
