//! Accounts: signing up, passwords, addresses, closing down (spec: "Account management").

mod add_3pid;
mod change_password;
mod check_registration_token_validity;
mod check_reset_link;
mod confirm_email;
mod deactivate;
mod delete_3pid;
mod get_3pids;
mod get_username_availability;
mod openid_token;
mod password_length;
mod register;
mod request_openid_token;
mod request_proof;
mod request_reset_mail;
mod reset_link;
mod reset_password;
mod send_confirmation;
mod sign_up_token;
mod whoami;

use axum::http::Method;
use ruma::api::client::account::{
    add_3pid::v3 as add_3pid_v3, change_password::v3 as change_password_v3,
    check_registration_token_validity::v1 as check_token_v1, deactivate::v3 as deactivate_v3,
    delete_3pid::v3 as delete_3pid_v3, get_3pids::v3 as get_3pids_v3, get_username_availability::v3 as availability_v3,
    register::v3 as register_v3, request_3pid_management_token_via_email::v3 as request_proof_v3,
    request_openid_token::v3 as openid_v3, request_password_change_token_via_email::v3 as request_token_v3,
    request_registration_token_via_email::v3 as request_sign_up_v3, whoami::v3 as whoami_v3,
};

use crate::{class::Class, endpoint::Routes, web_links::CONFIRM_EMAIL};

/// Of the server-server API, the one endpoint that is for others than servers.
const USER_INFO: &str = "/_matrix/federation/v1/openid/userinfo";

/// Whether a link to reset a password counts. The token is in the body: addresses end up in logs.
const RESET_LINK: &str = "/_matrix/client/unstable/org.hearth.reset/link";
/// Such a link by email.
const RESET_EMAIL: &str = "/_matrix/client/unstable/org.hearth.reset/email";
/// Whoever reads an address of the sender's is asked once more whether it is right.
const SEND_CONFIRMATION: &str = "/_matrix/client/unstable/org.hearth.email/send";
/// A new password by such a link.
const RESET_PASSWORD: &str = "/_matrix/client/unstable/org.hearth.reset/password";

pub(crate) fn routes() -> Routes {
    Routes::new()
        .endpoint::<register_v3::Request, _, _>(Class::Login, register::handle)
        .endpoint::<availability_v3::Request, _, _>(Class::Login, get_username_availability::handle)
        .endpoint::<check_token_v1::Request, _, _>(Class::Login, check_registration_token_validity::handle)
        .endpoint::<whoami_v3::Request, _, _>(Class::Read, whoami::handle)
        .endpoint::<change_password_v3::Request, _, _>(Class::Write, change_password::handle)
        .endpoint::<deactivate_v3::Request, _, _>(Class::Write, deactivate::handle)
        .endpoint::<get_3pids_v3::Request, _, _>(Class::Read, get_3pids::handle)
        .endpoint::<add_3pid_v3::Request, _, _>(Class::Write, add_3pid::handle)
        .endpoint::<delete_3pid_v3::Request, _, _>(Class::Write, delete_3pid::handle)
        .endpoint::<request_proof_v3::Request, _, _>(Class::Login, request_proof::to_add)
        .endpoint::<request_sign_up_v3::Request, _, _>(Class::Login, request_proof::to_sign_up)
        .endpoint::<openid_v3::Request, _, _>(Class::Write, request_openid_token::handle)
        .endpoint::<request_token_v3::Request, _, _>(Class::Login, request_reset_mail::of_other_clients)
        .route(Class::Login, Method::POST, RESET_EMAIL, request_reset_mail::handle)
        .route(Class::Write, Method::POST, SEND_CONFIRMATION, send_confirmation::handle)
        .route(Class::Public, Method::GET, CONFIRM_EMAIL, confirm_email::show)
        .route(Class::Login, Method::POST, CONFIRM_EMAIL, confirm_email::confirm)
        .route(Class::Login, Method::POST, RESET_LINK, check_reset_link::handle)
        .route(Class::Login, Method::POST, RESET_PASSWORD, reset_password::handle)
        .route(Class::Public, Method::GET, USER_INFO, request_openid_token::user_info)
}
