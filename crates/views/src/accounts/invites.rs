//! Invites that nobody has revoked.

use domain::directory::{By, INVITES_KEPT_MAX, InviteMade, InviteRevoked, RegistrationToken, RegistrationTokenHash};
use projection::{Batch, KeyRange, Order, Rows, Table, ViewFault};
use serde::{Deserialize, Serialize};

use super::{
    registration::{forget, registration_token_uses},
    tables::VIEW,
};

/// Id → invite. As many as the domain lets there be.
const INVITES: Table<String, InviteRow> = Table::new(VIEW, 12);
/// Hash of a token → id of its invite.
const OF_TOKENS: Table<String, String> = Table::new(VIEW, 13);

/// One invite.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InviteRow {
    /// Who made it.
    pub by: By,
    /// When, milliseconds since the epoch.
    pub made_at_ms: u64,
    /// From when on it does not count, milliseconds since the epoch.
    pub expires_at_ms: u64,
    /// What the admin wants to remember of it.
    pub note: Option<String>,
    /// Hash of its token.
    pub token: RegistrationTokenHash,
    /// How many accounts can be made with it.
    pub uses_max: u32,
}

/// An invite as admins see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedInvite {
    /// By which it is revoked.
    pub id: String,
    /// What it allows.
    pub invite: InviteRow,
    /// How many accounts were made with it.
    pub uses: u32,
}

pub(super) fn made(batch: &mut Batch<'_>, fact: &InviteMade, at_ms: u64) -> Result<(), ViewFault> {
    let row = InviteRow {
        by: fact.by.clone(),
        made_at_ms: at_ms,
        expires_at_ms: fact.expires_at_ms,
        note: fact.note.clone(),
        token: fact.token,
        uses_max: fact.uses_max,
    };
    OF_TOKENS.put(batch, &fact.token.to_text(), &fact.id)?;
    INVITES.put(batch, &fact.id, &row)
}

pub(super) fn revoked(batch: &mut Batch<'_>, fact: &InviteRevoked) -> Result<(), ViewFault> {
    // There is none when the record that made it is parked.
    let Some(row) = INVITES.get(batch, &fact.id)? else { return Ok(()) };
    forget(batch, row.token)?;
    OF_TOKENS.delete(batch, &row.token.to_text())?;
    INVITES.delete(batch, &fact.id)
}

/// Every invite that was not revoked, spent ones too, by id.
///
/// # Errors
/// Storage failed.
pub fn invites(rows: &dyn Rows) -> Result<Vec<ListedInvite>, ViewFault> {
    let found = INVITES.collect(rows, KeyRange::whole(), Order::Ascending, INVITES_KEPT_MAX)?;
    let listed = found.into_iter().map(|(id, invite)| {
        let uses = registration_token_uses(rows, invite.token)?;
        Ok(ListedInvite { id, invite, uses })
    });
    listed.collect()
}

/// What the invite with a token allows; none if there is none.
///
/// # Errors
/// Storage failed.
pub fn invite_of_token(rows: &dyn Rows, token: RegistrationTokenHash) -> Result<Option<RegistrationToken>, ViewFault> {
    let Some(id) = OF_TOKENS.get(rows, &token.to_text())? else { return Ok(None) };
    let row = INVITES.get(rows, &id)?;
    Ok(row.map(|row| RegistrationToken {
        hash: token,
        uses_max: Some(row.uses_max),
        expires_at_ms: Some(row.expires_at_ms),
    }))
}
