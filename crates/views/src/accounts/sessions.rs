//! Sessions, the tokens that speak for them, and the devices they are.

use domain::user::{CredentialsSet, DEVICES_MAX, DeviceRenamed, SessionClosed, SessionOpened, TokenHash};
use projection::{Batch, KeyRange, Order, Rows, Table, ViewFault};
use ruma::{DeviceId, OwnedDeviceId, OwnedUserId, UserId};
use serde::{Deserialize, Serialize};

use super::tables::VIEW;

/// (User id, device id) → device.
const DEVICES: Table<(String, String), DeviceRow> = Table::new(VIEW, 5);
/// Hash of an access token → session.
const TOKENS: Table<String, SessionRow> = Table::new(VIEW, 6);
/// Hash of a refresh token → user id.
const REFRESH: Table<String, OwnedUserId> = Table::new(VIEW, 7);
/// (User id, device id) → the hashes that have rows in the two tables above.
const CREDENTIALS: Table<(String, String), Credentials> = Table::new(VIEW, 8);

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
}

#[derive(Default, Serialize, Deserialize)]
struct Credentials {
    access: Option<TokenHash>,
    refresh: Vec<TokenHash>,
}

pub(super) fn opened(batch: &mut Batch<'_>, fact: &SessionOpened, at_ms: u64) -> Result<(), ViewFault> {
    let row = DeviceRow { device_id: fact.device_id.clone(), display_name: fact.display_name.clone(), opened_at_ms: at_ms };
    DEVICES.put(batch, &(fact.user_id.as_str(), fact.device_id.as_str()), &row)
}

pub(super) fn credentials_set(batch: &mut Batch<'_>, fact: &CredentialsSet) -> Result<(), ViewFault> {
    let key = (fact.user_id.as_str(), fact.device_id.as_str());
    let mut credentials = CREDENTIALS.get(batch, &key)?.unwrap_or_default();
    if let Some(hash) = credentials.access.replace(fact.access_token) {
        TOKENS.delete(batch, &hash.to_text())?;
    }
    // The refresh token that was used still counts: the answer with the newest may have been lost.
    let (kept, dropped) = credentials.refresh.into_iter().partition::<Vec<_>, _>(|hash| Some(*hash) == fact.refreshed);
    for hash in dropped {
        REFRESH.delete(batch, &hash.to_text())?;
    }
    credentials.refresh = kept;
    if let Some(hash) = fact.refresh_token {
        credentials.refresh.push(hash);
        REFRESH.put(batch, &hash.to_text(), &fact.user_id)?;
    }
    let session =
        SessionRow { user_id: fact.user_id.clone(), device_id: fact.device_id.clone(), expires_at_ms: fact.expires_at_ms };
    TOKENS.put(batch, &fact.access_token.to_text(), &session)?;
    CREDENTIALS.put(batch, &key, &credentials)
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
    let credentials = CREDENTIALS.get(batch, &key)?.unwrap_or_default();
    if let Some(hash) = credentials.access {
        TOKENS.delete(batch, &hash.to_text())?;
    }
    for hash in credentials.refresh {
        REFRESH.delete(batch, &hash.to_text())?;
    }
    CREDENTIALS.delete(batch, &key)?;
    DEVICES.delete(batch, &key)
}

/// The session that the access token with this SHA-256 hash speaks for. The caller checks that it has not expired.
///
/// # Errors
/// Storage failed.
pub fn session_by_token_hash(rows: &dyn Rows, hash: &[u8; 32]) -> Result<Option<SessionRow>, ViewFault> {
    TOKENS.get(rows, &TokenHash(*hash).to_text())
}

/// Whose refresh token it is.
///
/// # Errors
/// Storage failed.
pub fn user_by_refresh_token(rows: &dyn Rows, hash: TokenHash) -> Result<Option<OwnedUserId>, ViewFault> {
    REFRESH.get(rows, &hash.to_text())
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
