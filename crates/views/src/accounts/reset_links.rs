//! Links by which passwords are reset: the newest of each account, until it was used or another password was set.

use domain::user::{TokenHash, admin::ResetLinkMade};
use projection::{Batch, Rows, Table, ViewFault};
use ruma::{OwnedUserId, UserId};
use serde::{Deserialize, Serialize};

use super::tables::VIEW;

/// User id → hash of the token of its link.
const OF_USERS: Table<String, TokenHash> = Table::new(VIEW, 16);
/// Hash of a token → its link.
const LINKS: Table<String, ResetLinkRow> = Table::new(VIEW, 17);

/// One link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResetLinkRow {
    /// Whose password is set with it.
    pub user_id: OwnedUserId,
    /// From when on it does not count, milliseconds since the epoch. The reader compares.
    pub expires_at_ms: u64,
}

pub(super) fn made(batch: &mut Batch<'_>, fact: &ResetLinkMade) -> Result<(), ViewFault> {
    end(batch, &fact.user_id)?;
    OF_USERS.put(batch, fact.user_id.as_str(), &fact.token)?;
    let row = ResetLinkRow { user_id: fact.user_id.clone(), expires_at_ms: fact.expires_at_ms };
    LINKS.put(batch, &fact.token.to_text(), &row)
}

/// Forgets the link of an account, if it has one.
pub(super) fn end(batch: &mut Batch<'_>, user_id: &UserId) -> Result<(), ViewFault> {
    let Some(token) = OF_USERS.get(batch, user_id.as_str())? else { return Ok(()) };
    OF_USERS.delete(batch, user_id.as_str())?;
    LINKS.delete(batch, &token.to_text())
}

/// The link with a token; none where none counts. The caller checks that it has not expired.
///
/// # Errors
/// Storage failed.
pub fn reset_link(rows: &dyn Rows, token: TokenHash) -> Result<Option<ResetLinkRow>, ViewFault> {
    LINKS.get(rows, &token.to_text())
}
