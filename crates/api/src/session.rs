//! Logging in and out (spec: "Legacy API", login and logout).

mod get_login_types;
mod login;
mod logout;
mod logout_all;
mod refresh_token;

use std::time::Duration;

use ruma::api::client::session::{
    get_login_types::v3 as types, login::v3 as login_v3, logout::v3 as logout_v3, logout_all::v3 as logout_all_v3,
    refresh_token::v3 as refresh_v3,
};

use crate::endpoint::{Class, Routes};

/// How long an access token lives that the client can refresh, in milliseconds.
pub(crate) const ACCESS_TOKEN_MS: u64 = 60 * 60 * 1_000;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .endpoint::<types::Request, _, _>(Class::Public, get_login_types::handle)
        .endpoint::<login_v3::Request, _, _>(Class::Login, login::handle)
        .endpoint::<logout_v3::Request, _, _>(Class::Write, logout::handle)
        .endpoint::<logout_all_v3::Request, _, _>(Class::Write, logout_all::handle)
        .endpoint::<refresh_v3::Request, _, _>(Class::Public, refresh_token::handle)
}

/// How long the access token of a new session lives: only a client that can refresh it is given one that ends.
pub(crate) fn lifetime_ms(can_refresh: bool) -> Option<u64> {
    can_refresh.then_some(ACCESS_TOKEN_MS)
}

/// The same as a duration.
pub(crate) fn duration(lifetime_ms: Option<u64>) -> Option<Duration> {
    lifetime_ms.map(Duration::from_millis)
}
