//! Whose accounts are erased, and how far that is.

use projection::{Batch, Place, Rows, Table, ViewFault};
use ruma::UserId;
use serde::{Deserialize, Serialize};

use super::tables::VIEW;

/// User id → erasure of the account.
const ERASURES: Table<String, ErasureRow> = Table::new(VIEW, 18);

/// The erasure of one account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErasureRow {
    /// Where in the log it was asked for.
    pub asked_at: u64,
    /// When, milliseconds since the epoch.
    pub asked_at_ms: u64,
    /// Where in the log its last fact is; none until all is erased.
    pub ended_at: Option<u64>,
}

/// It is asked for. Asked for once more, it has begun already.
pub(super) fn ask(batch: &mut Batch<'_>, user_id: &UserId, place: &Place) -> Result<(), ViewFault> {
    if ERASURES.contains(batch, user_id.as_str())? {
        return Ok(());
    }
    let row = ErasureRow { asked_at: place.position.0, asked_at_ms: place.at_ms, ended_at: None };
    ERASURES.put(batch, user_id.as_str(), &row)
}

/// All is erased. There is nothing to end where the record that asked for it is parked.
pub(super) fn end(batch: &mut Batch<'_>, user_id: &UserId, place: &Place) -> Result<(), ViewFault> {
    let Some(row) = ERASURES.get(batch, user_id.as_str())? else { return Ok(()) };
    ERASURES.put(batch, user_id.as_str(), &ErasureRow { ended_at: Some(place.position.0), ..row })
}

/// The erasure of an account; none where it is not asked for.
///
/// # Errors
/// Storage failed.
pub fn erasure(rows: &dyn Rows, user_id: &UserId) -> Result<Option<ErasureRow>, ViewFault> {
    ERASURES.get(rows, user_id.as_str())
}
