//! What admins of the server do, what everybody is told of it, and what accounts are told of their own use (spec: "Server Administration").
//! Most of the endpoints are this server's own: `docs/decisions/0060-invites-and-admins.md`, `0066-what-admins-do-to-accounts.md`. The operator reaches them by the socket in the data folder.

mod acting;
mod asked_host;
mod deactivate_user;
mod get_erasure;
mod get_log;
mod get_server;
mod get_user_info;
mod get_verification;
mod is_user_locked;
mod list_invites;
mod list_ledger;
mod list_records;
mod list_users;
mod lock_user;
mod make_admin;
mod make_invite;
mod make_reset_link;
mod named;
mod number;
mod person;
mod revoke_invite;
mod show_user;
mod unmake_admin;
mod verify_log;

use axum::http::Method;
use ruma::api::client::admin::{get_user_info::v3, is_user_locked::v1 as is_locked_v1, lock_user::v1 as lock_v1};

use crate::{class::Class, endpoint::Routes};

/// The invites.
const INVITES: &str = "/_matrix/client/unstable/org.hearth.admin/invites";
/// One of them.
const INVITE: &str = "/_matrix/client/unstable/org.hearth.admin/invites/{invite_id}";
/// The accounts.
const USERS: &str = "/_matrix/client/unstable/org.hearth.admin/users";
/// One of them.
const USER: &str = "/_matrix/client/unstable/org.hearth.admin/users/{user_id}";
/// Links by which the owner of an account sets a new password.
const RESET_LINK: &str = "/_matrix/client/unstable/org.hearth.admin/users/{user_id}/reset_link";
/// The end of an account.
const DEACTIVATE: &str = "/_matrix/client/unstable/org.hearth.admin/users/{user_id}/deactivate";
/// How far the erasure of an account is, and its receipt.
const ERASURE: &str = "/_matrix/client/unstable/org.hearth.admin/users/{user_id}/erasure";
/// What admins have done.
const LEDGER: &str = "/_matrix/client/unstable/org.hearth.admin/ledger";
/// One admin.
const ADMIN: &str = "/_matrix/client/unstable/org.hearth.admin/admins/{user_id}";
/// How the server does.
const SERVER: &str = "/_matrix/client/unstable/org.hearth.admin/server";
/// The record log as a whole.
const LOG: &str = "/_matrix/client/unstable/org.hearth.admin/log";
/// Its newest records.
const RECORDS: &str = "/_matrix/client/unstable/org.hearth.admin/log/records";
/// Whether it holds.
const VERIFICATION: &str = "/_matrix/client/unstable/org.hearth.admin/log/verification";

pub(crate) fn routes() -> Routes {
    Routes::new()
        .endpoint::<v3::Request, _, _>(Class::Read, get_user_info::handle)
        .route(Class::Write, Method::POST, INVITES, make_invite::handle)
        .route(Class::Read, Method::GET, INVITES, list_invites::handle)
        .route(Class::Write, Method::DELETE, INVITE, revoke_invite::handle)
        .route(Class::Read, Method::GET, USERS, list_users::handle)
        .route(Class::Read, Method::GET, USER, show_user::handle)
        .route(Class::Write, Method::PUT, ADMIN, make_admin::handle)
        .route(Class::Write, Method::DELETE, ADMIN, unmake_admin::handle)
        .route(Class::Write, Method::POST, RESET_LINK, make_reset_link::handle)
        .route(Class::Write, Method::POST, DEACTIVATE, deactivate_user::handle)
        .route(Class::Read, Method::GET, ERASURE, get_erasure::handle)
        .endpoint::<is_locked_v1::Request, _, _>(Class::Read, is_user_locked::handle)
        .endpoint::<lock_v1::Request, _, _>(Class::Write, lock_user::handle)
        .route(Class::Read, Method::GET, LEDGER, list_ledger::handle)
        .route(Class::Read, Method::GET, SERVER, get_server::handle)
        .route(Class::Read, Method::GET, LOG, get_log::handle)
        .route(Class::Read, Method::GET, RECORDS, list_records::handle)
        .route(Class::Read, Method::GET, VERIFICATION, get_verification::handle)
        .route(Class::Write, Method::POST, VERIFICATION, verify_log::handle)
}
