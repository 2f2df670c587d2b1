//! Email addresses and whose they are.

use domain::directory::{EMAILS_PER_ACCOUNT_MAX, EmailAddress};
use projection::{Batch, KeyRange, Order, Rows, Table, ViewFault};
use ruma::{OwnedUserId, UserId};
use serde::{Deserialize, Serialize};

use super::tables::VIEW;

/// Address → user id.
const OWNERS: Table<String, OwnedUserId> = Table::new(VIEW, 3);
/// (User id, address) → address.
const EMAILS: Table<(String, String), EmailRow> = Table::new(VIEW, 4);

/// (User id, address) → when its reader said that the account is theirs, milliseconds since the epoch. Of those that are verified.
const VERIFIED: Table<(String, String), u64> = Table::new(VIEW, 19);

/// One address of one account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmailRow {
    /// The address.
    pub email: EmailAddress,
    /// When it was added, milliseconds since the epoch.
    pub added_at_ms: u64,
}

pub(super) fn add(batch: &mut Batch<'_>, user_id: &UserId, email: &EmailAddress, at_ms: u64) -> Result<(), ViewFault> {
    OWNERS.put(batch, email.as_str(), &user_id.to_owned())?;
    EMAILS.put(batch, &(user_id.as_str(), email.as_str()), &EmailRow { email: email.clone(), added_at_ms: at_ms })
}

pub(super) fn remove(batch: &mut Batch<'_>, user_id: &UserId, email: &EmailAddress) -> Result<(), ViewFault> {
    OWNERS.delete(batch, email.as_str())?;
    VERIFIED.delete(batch, &(user_id.as_str(), email.as_str()))?;
    EMAILS.delete(batch, &(user_id.as_str(), email.as_str()))
}

pub(super) fn verified(batch: &mut Batch<'_>, user_id: &UserId, email: &EmailAddress, at_ms: u64) -> Result<(), ViewFault> {
    VERIFIED.put(batch, &(user_id.as_str(), email.as_str()), &at_ms)
}

/// Forgets all addresses of an account. One that is another's by now stays.
pub(super) fn erase(batch: &mut Batch<'_>, user_id: &UserId) -> Result<(), ViewFault> {
    let range = KeyRange::prefix(&(user_id.as_str(),));
    for (_, email) in EMAILS.collect_keys(batch, range.clone(), Order::Ascending, usize::MAX)? {
        if OWNERS.get(batch, email.as_str())?.is_some_and(|owner| owner == user_id) {
            OWNERS.delete(batch, email.as_str())?;
        }
    }
    VERIFIED.delete_all(batch, range.clone())?;
    EMAILS.delete_all(batch, range).map(|_| ())
}

/// When an address of an account was verified, milliseconds since the epoch; none if it was not, or is not the account's.
///
/// # Errors
/// Storage failed.
pub fn email_verified_at(rows: &dyn Rows, user_id: &UserId, email: &EmailAddress) -> Result<Option<u64>, ViewFault> {
    VERIFIED.get(rows, &(user_id.as_str(), email.as_str()))
}

/// Whose address it is.
///
/// # Errors
/// Storage failed.
pub fn user_by_email(rows: &dyn Rows, email: &EmailAddress) -> Result<Option<OwnedUserId>, ViewFault> {
    OWNERS.get(rows, email.as_str())
}

/// The addresses of an account, in alphabetical order.
///
/// # Errors
/// Storage failed.
pub fn emails(rows: &dyn Rows, user_id: &UserId) -> Result<Vec<EmailRow>, ViewFault> {
    let range = KeyRange::prefix(&(user_id.as_str(),));
    let found = EMAILS.collect(rows, range, Order::Ascending, EMAILS_PER_ACCOUNT_MAX)?;
    Ok(found.into_iter().map(|(_, row)| row).collect())
}
