//! What admins of the server do, and what accounts are told of their own use (spec: "Server Administration"). The endpoints for admins are
//! this server's own: `docs/decisions/0060-invites-and-admins.md`. The operator reaches them by the socket in the data folder.

mod acting;
mod get_user_info;
mod list_invites;
mod list_users;
mod make_admin;
mod make_invite;
mod revoke_invite;

use axum::http::Method;
use ruma::api::client::admin::get_user_info::v3;

use crate::{class::Class, endpoint::Routes};

/// The invites.
const INVITES: &str = "/_matrix/client/unstable/org.hearth.admin/invites";
/// One of them.
const INVITE: &str = "/_matrix/client/unstable/org.hearth.admin/invites/{invite_id}";
/// The accounts.
const USERS: &str = "/_matrix/client/unstable/org.hearth.admin/users";
/// One admin.
const ADMIN: &str = "/_matrix/client/unstable/org.hearth.admin/admins/{user_id}";

pub(crate) fn routes() -> Routes {
    Routes::new()
        .endpoint::<v3::Request, _, _>(Class::Read, get_user_info::handle)
        .route(Class::Write, Method::POST, INVITES, make_invite::handle)
        .route(Class::Read, Method::GET, INVITES, list_invites::handle)
        .route(Class::Write, Method::DELETE, INVITE, revoke_invite::handle)
        .route(Class::Read, Method::GET, USERS, list_users::handle)
        .route(Class::Write, Method::PUT, ADMIN, make_admin::handle)
}
