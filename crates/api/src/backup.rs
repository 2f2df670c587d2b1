//! Server-side backups of room keys (spec: "Server-side key backups").

mod add_backup_keys;
mod add_backup_keys_for_room;
mod add_backup_keys_for_session;
mod create_backup_version;
mod delete_backup_keys;
mod delete_backup_keys_for_room;
mod delete_backup_keys_for_session;
mod delete_backup_version;
mod get_backup_info;
mod get_backup_keys;
mod get_backup_keys_for_room;
mod get_backup_keys_for_session;
mod get_latest_backup_info;
mod update_backup_version;

use domain::{
    Rejection,
    backup::{DeleteKeys, Scope, Sessions, StoreKeys, Totals},
};
use engine::Engine;
use ruma::{UInt, api::client::backup};

use crate::{
    endpoint::{Class, Routes},
    error::ApiError,
    extract::Sender,
};

const NO_BACKUP: &str = "There is no such backup.";

pub(crate) fn routes() -> Routes {
    Routes::new()
        .endpoint::<backup::add_backup_keys::v3::Request, _, _>(Class::Bulk, add_backup_keys::handle)
        .endpoint::<backup::add_backup_keys_for_room::v3::Request, _, _>(Class::Bulk, add_backup_keys_for_room::handle)
        .endpoint::<backup::add_backup_keys_for_session::v3::Request, _, _>(Class::Bulk, add_backup_keys_for_session::handle)
        .endpoint::<backup::create_backup_version::v3::Request, _, _>(Class::Write, create_backup_version::handle)
        .endpoint::<backup::delete_backup_keys::v3::Request, _, _>(Class::Write, delete_backup_keys::handle)
        .endpoint::<backup::delete_backup_keys_for_room::v3::Request, _, _>(
            Class::Write,
            delete_backup_keys_for_room::handle,
        )
        .endpoint::<backup::delete_backup_keys_for_session::v3::Request, _, _>(
            Class::Write,
            delete_backup_keys_for_session::handle,
        )
        .endpoint::<backup::delete_backup_version::v3::Request, _, _>(Class::Write, delete_backup_version::handle)
        .endpoint::<backup::get_backup_info::v3::Request, _, _>(Class::Read, get_backup_info::handle)
        .endpoint::<backup::get_backup_keys::v3::Request, _, _>(Class::Read, get_backup_keys::handle)
        .endpoint::<backup::get_backup_keys_for_room::v3::Request, _, _>(Class::Read, get_backup_keys_for_room::handle)
        .endpoint::<backup::get_backup_keys_for_session::v3::Request, _, _>(Class::Read, get_backup_keys_for_session::handle)
        .endpoint::<backup::get_latest_backup_info::v3::Request, _, _>(Class::Read, get_latest_backup_info::handle)
        .endpoint::<backup::update_backup_version::v3::Request, _, _>(Class::Write, update_backup_version::handle)
}

async fn store(engine: &Engine, sender: Sender, version: String, rooms: Sessions) -> Result<(String, UInt), ApiError> {
    let totals = engine.submit(StoreKeys { user_id: sender.user_id, version, rooms }).await?;
    Ok((totals.etag.to_string(), count(totals)))
}

async fn delete(engine: &Engine, sender: Sender, version: String, scope: Scope) -> Result<(String, UInt), ApiError> {
    let totals = engine.submit(DeleteKeys { user_id: sender.user_id, version, scope }).await?;
    Ok((totals.etag.to_string(), count(totals)))
}

/// Keys of a backup.
///
/// # Errors
/// 404 `M_NOT_FOUND` when there is no such backup.
fn keys(engine: &Engine, sender: &Sender, version: &str, scope: &Scope) -> Result<Sessions, ApiError> {
    let rows = engine.rows();
    let backup = views::backup::backup(&*rows, &sender.user_id, version)?;
    let backup = backup.ok_or_else(|| Rejection::not_found(NO_BACKUP))?;
    Ok(views::backup::backup_keys(&*rows, &sender.user_id, backup.version, scope)?)
}

fn count(totals: Totals) -> UInt {
    UInt::try_from(totals.count).unwrap_or(UInt::MAX)
}
