//! How often registration tokens were used.

use domain::directory::{RegistrationTokenHash, RegistrationTokenUsed};
use projection::{Batch, Rows, Table, ViewFault};

use super::tables::VIEW;

/// Hash of a token → accounts made with it.
const TOKEN_USES: Table<String, u32> = Table::new(VIEW, 11);

pub(super) fn used(batch: &mut Batch<'_>, fact: &RegistrationTokenUsed) -> Result<(), ViewFault> {
    let uses = registration_token_uses(batch, fact.token)?;
    TOKEN_USES.put(batch, &fact.token.to_text(), &uses.saturating_add(1))
}

/// Forgets the uses of a token that comes never again.
pub(super) fn forget(batch: &mut Batch<'_>, token: RegistrationTokenHash) -> Result<(), ViewFault> {
    TOKEN_USES.delete(batch, &token.to_text())
}

/// How many accounts were made with a token.
///
/// # Errors
/// Storage failed.
pub fn registration_token_uses(rows: &dyn Rows, token: RegistrationTokenHash) -> Result<u32, ViewFault> {
    Ok(TOKEN_USES.get(rows, &token.to_text())?.unwrap_or(0))
}
