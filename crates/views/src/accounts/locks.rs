//! Which accounts are locked (spec: "Account locking").

use projection::{Batch, Rows, Table, ViewFault};
use ruma::UserId;

use super::tables::VIEW;

/// User ids of locked accounts. Asked for with every request.
const LOCKED: Table<String, ()> = Table::new(VIEW, 15).held();

pub(super) fn lock(batch: &mut Batch<'_>, user_id: &UserId) -> Result<(), ViewFault> {
    LOCKED.put(batch, user_id.as_str(), &())
}

/// Does nothing where there is no lock.
pub(super) fn unlock(batch: &mut Batch<'_>, user_id: &UserId) -> Result<(), ViewFault> {
    LOCKED.delete(batch, user_id.as_str())
}

/// Whether an account is locked.
///
/// # Errors
/// Storage failed.
pub fn is_locked(rows: &dyn Rows, user_id: &UserId) -> Result<bool, ViewFault> {
    Ok(LOCKED.get(rows, user_id.as_str())?.is_some())
}
