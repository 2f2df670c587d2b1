//! Accounts whose owners wanted what they said forgotten (spec: "Account deactivation", `erase`).

use std::collections::BTreeSet;

use projection::{Batch, KeyRange, Order, Rows, Table, ViewFault};
use ruma::{OwnedUserId, UserId};

use super::tables::VIEW;

/// User id → nothing.
const ERASED: Table<String, ()> = Table::new(VIEW, 12);
/// Erased accounts that are looked at.
const ERASED_MAX: usize = 10_000;

pub(super) fn add(batch: &mut Batch<'_>, user_id: &UserId) -> Result<(), ViewFault> {
    ERASED.put(batch, user_id.as_str(), &())
}

/// Everybody whose account was erased.
///
/// # Errors
/// Storage failed.
pub fn erased(rows: &dyn Rows) -> Result<BTreeSet<OwnedUserId>, ViewFault> {
    let keys = ERASED.collect_keys(rows, KeyRange::whole(), Order::Ascending, ERASED_MAX)?;
    Ok(keys.into_iter().filter_map(|user| OwnedUserId::try_from(user).ok()).collect())
}
