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
mod stored_keys;
mod streamed;
mod update_backup_version;

use ruma::api::client::backup;

use crate::{class::Class, endpoint::Routes};

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
