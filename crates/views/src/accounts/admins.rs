//! Which accounts are admins, and who made them so.

use domain::directory::{AdminMade, AdminUnmade, By};
use projection::{Batch, Rows, Table, ViewFault};
use ruma::UserId;

use super::tables::VIEW;

/// User id of an admin → who made it one.
const ADMINS: Table<String, By> = Table::new(VIEW, 14);

pub(super) fn made(batch: &mut Batch<'_>, fact: &AdminMade) -> Result<(), ViewFault> {
    ADMINS.put(batch, fact.user_id.as_str(), &fact.by)
}

pub(super) fn unmade(batch: &mut Batch<'_>, fact: &AdminUnmade) -> Result<(), ViewFault> {
    ADMINS.delete(batch, fact.user_id.as_str())
}

/// Whether an account is an admin of this server.
///
/// # Errors
/// Storage failed.
pub fn is_admin(rows: &dyn Rows, user_id: &UserId) -> Result<bool, ViewFault> {
    ADMINS.contains(rows, user_id.as_str())
}
