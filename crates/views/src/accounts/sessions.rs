//! Sessions, the tokens that speak for them, and the devices they are.

use domain::user::{
    CredentialsSet, CredentialsUsed, DEVICES_MAX, DeviceRenamed, RefreshToken, SessionClosed, SessionOpened, SessionTokens,
    TokenHash,
};
use projection::{Batch, KeyRange, Order, Rows, Table, ViewFault};
use ruma::{DeviceId, OwnedDeviceId, OwnedUserId, UserId};
use serde::{Deserialize, Serialize};

use super::tables::VIEW;

/// (User id, device id) → device.
const DEVICES: Table<(String, String), DeviceRow> = Table::new(VIEW, 5).held();
/// Hash of an access token → session.
const TOKENS: Table<String, SessionRow> = Table::new(VIEW, 6).held_where_present();
/// Hash of a refresh token, or of what all refresh tokens of a session begin with → user id.
const REFRESH: Table<String, OwnedUserId> = Table::new(VIEW, 7);
/// (User id, device id) → the hashes that have rows in the two tables above.
const CREDENTIALS: Table<(String, String), SessionTokens> = Table::new(VIEW, 8);

/// One device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceRow {
    /// Its id.
    pub device_id: OwnedDeviceId,
    /// Its name.
    pub display_name: Option<String>,
    /// When it logged in, milliseconds since the epoch.
    pub opened_at_ms: u64,
}

/// Whom an access token speaks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionRow {
    /// The account.
    pub user_id: OwnedUserId,
    /// The device.
    pub device_id: OwnedDeviceId,
    /// When the token ends, milliseconds since the epoch; none for never. The reader compares.
    pub expires_at_ms: Option<u64>,
    /// Whether a refresh gave it out and nobody has used it yet. Its first use has to be noted, because it ends the tokens
    /// before it.
    pub is_unused: bool,
}

pub(super) fn opened(batch: &mut Batch<'_>, fact: &SessionOpened, at_ms: u64) -> Result<(), ViewFault> {
    let row = DeviceRow { device_id: fact.device_id.clone(), display_name: fact.display_name.clone(), opened_at_ms: at_ms };
    DEVICES.put(batch, &(fact.user_id.as_str(), fact.device_id.as_str()), &row)
}

pub(super) fn credentials_set(batch: &mut Batch<'_>, fact: &CredentialsSet) -> Result<(), ViewFault> {
    let key = (fact.user_id.as_str(), fact.device_id.as_str());
    let before = CREDENTIALS.get(batch, &key)?.unwrap_or_default();
    let mut tokens = before.clone();
    tokens.set(fact);
    let (user_id, device_id) = (fact.user_id.clone(), fact.device_id.clone());
    let is_unused = tokens.unused_of(fact.access_token).is_some();
    let session = SessionRow { user_id, device_id, expires_at_ms: fact.expires_at_ms, is_unused };
    TOKENS.put(batch, &fact.access_token.to_text(), &session)?;
    if let Some(hash) = fact.refresh_token {
        REFRESH.put(batch, &hash.to_text(), &fact.user_id)?;
    }
    if let Some(hash) = fact.family {
        REFRESH.put(batch, &hash.to_text(), &fact.user_id)?;
    }
    replace(batch, &key, &before, &tokens)
}

pub(super) fn credentials_used(batch: &mut Batch<'_>, fact: &CredentialsUsed) -> Result<(), ViewFault> {
    let key = (fact.user_id.as_str(), fact.device_id.as_str());
    let Some(before) = CREDENTIALS.get(batch, &key)? else { return Ok(()) };
    let mut tokens = before.clone();
    tokens.use_access(fact);
    replace(batch, &key, &before, &tokens)
}

/// Removes the rows of tokens that count no more, and says of the pair in use that it is.
fn replace(
    batch: &mut Batch<'_>,
    key: &(&str, &str),
    before: &SessionTokens,
    tokens: &SessionTokens,
) -> Result<(), ViewFault> {
    let kept: Vec<TokenHash> = hashes(tokens).collect();
    for hash in hashes(before).filter(|hash| !kept.contains(hash)) {
        TOKENS.delete(batch, &hash.to_text())?;
        REFRESH.delete(batch, &hash.to_text())?;
    }
    if let Some(hash) = tokens.used.and_then(|pair| pair.access)
        && let Some(row) = TOKENS.get(batch, &hash.to_text())?
    {
        TOKENS.put(batch, &hash.to_text(), &SessionRow { is_unused: false, ..row })?;
    }
    CREDENTIALS.put(batch, key, tokens)
}

/// Everything that has a row.
fn hashes(tokens: &SessionTokens) -> impl Iterator<Item = TokenHash> {
    tokens.pairs().flat_map(|pair| [pair.access, pair.refresh]).chain([tokens.family]).flatten()
}

/// Does nothing when the record that opened the session is parked.
pub(super) fn renamed(batch: &mut Batch<'_>, fact: &DeviceRenamed) -> Result<(), ViewFault> {
    let key = (fact.user_id.as_str(), fact.device_id.as_str());
    match DEVICES.get(batch, &key)? {
        Some(row) => DEVICES.put(batch, &key, &DeviceRow { display_name: fact.display_name.clone(), ..row }),
        None => Ok(()),
    }
}

pub(super) fn closed(batch: &mut Batch<'_>, fact: &SessionClosed) -> Result<(), ViewFault> {
    let key = (fact.user_id.as_str(), fact.device_id.as_str());
    let tokens = CREDENTIALS.get(batch, &key)?.unwrap_or_default();
    forget(batch, &tokens)?;
    CREDENTIALS.delete(batch, &key)?;
    DEVICES.delete(batch, &key)
}

/// Forgets every session of an account, also those whose end was erased before it was folded.
pub(super) fn erase(batch: &mut Batch<'_>, user_id: &UserId) -> Result<(), ViewFault> {
    let range = KeyRange::prefix(&(user_id.as_str(),));
    for (_, tokens) in CREDENTIALS.collect(batch, range.clone(), Order::Ascending, usize::MAX)? {
        forget(batch, &tokens)?;
    }
    CREDENTIALS.delete_all(batch, range.clone())?;
    DEVICES.delete_all(batch, range).map(|_| ())
}

fn forget(batch: &mut Batch<'_>, tokens: &SessionTokens) -> Result<(), ViewFault> {
    for hash in hashes(tokens) {
        TOKENS.delete(batch, &hash.to_text())?;
        REFRESH.delete(batch, &hash.to_text())?;
    }
    Ok(())
}

/// The session that the access token with this SHA-256 hash speaks for. The caller checks that it has not expired.
///
/// # Errors
/// Storage failed.
pub fn session_by_token_hash(rows: &dyn Rows, hash: &[u8; 32]) -> Result<Option<SessionRow>, ViewFault> {
    TOKENS.get(rows, &TokenHash(*hash).to_text())
}

/// Whose refresh token it is, or was.
///
/// # Errors
/// Storage failed.
pub fn user_by_refresh_token(rows: &dyn Rows, token: &RefreshToken) -> Result<Option<OwnedUserId>, ViewFault> {
    let by_hash = |hash: TokenHash| REFRESH.get(rows, &hash.to_text());
    match by_hash(token.hash())? {
        Some(user_id) => Ok(Some(user_id)),
        None => token.family_hash().map_or(Ok(None), by_hash),
    }
}

/// One device of an account.
///
/// # Errors
/// Storage failed.
pub fn device(rows: &dyn Rows, user_id: &UserId, device_id: &DeviceId) -> Result<Option<DeviceRow>, ViewFault> {
    DEVICES.get(rows, &(user_id.as_str(), device_id.as_str()))
}

/// All devices of an account, by id.
///
/// # Errors
/// Storage failed.
pub fn devices(rows: &dyn Rows, user_id: &UserId) -> Result<Vec<DeviceRow>, ViewFault> {
    let found = DEVICES.collect(rows, KeyRange::prefix(&(user_id.as_str(),)), Order::Ascending, DEVICES_MAX)?;
    Ok(found.into_iter().map(|(_, row)| row).collect())
}

/// How many devices of an account are logged in.
///
/// # Errors
/// Storage failed.
pub fn device_count(rows: &dyn Rows, user_id: &UserId) -> Result<usize, ViewFault> {
    DEVICES.count(rows, KeyRange::prefix(&(user_id.as_str(),)), DEVICES_MAX)
}
