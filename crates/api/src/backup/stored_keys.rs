//! The keys in a backup: stored, deleted, read and counted, for the endpoints of all rooms, one room and one session.

use domain::{
    Rejection,
    backup::{DeleteKeys, Scope, Sessions, StoreKeys, Totals},
};
use engine::Engine;
use ruma::UInt;

use crate::{error::ApiError, extract::Sender};

pub(super) const NO_BACKUP: &str = "There is no such backup.";

pub(super) async fn store(
    engine: &Engine,
    sender: Sender,
    version: String,
    rooms: Sessions,
) -> Result<(String, UInt), ApiError> {
    let totals = engine.submit(StoreKeys { user_id: sender.user_id, version, rooms }).await?;
    Ok((totals.etag.to_string(), count(totals)))
}

pub(super) async fn delete(
    engine: &Engine,
    sender: Sender,
    version: String,
    scope: Scope,
) -> Result<(String, UInt), ApiError> {
    let totals = engine.submit(DeleteKeys { user_id: sender.user_id, version, scope }).await?;
    Ok((totals.etag.to_string(), count(totals)))
}

/// Keys of a backup.
///
/// # Errors
/// 404 `M_NOT_FOUND` when there is no such backup.
pub(super) async fn keys(engine: &Engine, sender: &Sender, version: &str, scope: &Scope) -> Result<Sessions, ApiError> {
    engine
        .read(&sender.user_id, |rows| {
            let backup = views::backup::backup(rows, &sender.user_id, version)?;
            let backup = backup.ok_or_else(|| Rejection::not_found(NO_BACKUP))?;
            Ok(views::backup::backup_keys(rows, &sender.user_id, backup.version, scope)?)
        })
        .await
}

pub(super) fn count(totals: Totals) -> UInt {
    UInt::try_from(totals.count).unwrap_or(UInt::MAX)
}
