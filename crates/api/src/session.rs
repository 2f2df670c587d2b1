//! Logging in and out (spec: "Legacy API", login and logout).

mod get_login_types;
mod login;
mod logout;
mod logout_all;
mod refresh_token;

use std::{net::SocketAddr, time::Duration};

use axum::{
    Router,
    extract::{ConnectInfo, FromRequestParts},
    http::request::Parts,
};
use ruma::api::client::session::{
    get_login_types::v3 as types, login::v3 as login_v3, logout::v3 as logout_v3, logout_all::v3 as logout_all_v3,
    refresh_token::v3 as refresh_v3,
};

use crate::{app::App, endpoint::Endpoints, error::ApiError, limits::LoginKey};

/// How long an access token lives that the client can refresh, in milliseconds.
pub(crate) const ACCESS_TOKEN_MS: u64 = 60 * 60 * 1_000;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .endpoint::<types::Request, _, _>(get_login_types::handle)
        .endpoint::<login_v3::Request, _, _>(login::handle)
        .endpoint::<logout_v3::Request, _, _>(logout::handle)
        .endpoint::<logout_all_v3::Request, _, _>(logout_all::handle)
        .endpoint::<refresh_v3::Request, _, _>(refresh_token::handle)
}

/// How long the access token of a new session lives: only a client that can refresh it is given one that ends.
pub(crate) fn lifetime_ms(can_refresh: bool) -> Option<u64> {
    can_refresh.then_some(ACCESS_TOKEN_MS)
}

/// The same as a duration.
pub(crate) fn duration(lifetime_ms: Option<u64>) -> Option<Duration> {
    lifetime_ms.map(Duration::from_millis)
}

/// The address that a request came from, as the key that its attempts to log in are counted by.
pub(crate) struct Peer(Option<LoginKey>);

impl FromRequestParts<App> for Peer {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, ApiError> {
        let address = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
        Ok(Self(address.map(LoginKey::Address)))
    }
}

impl Peer {
    /// Counts an attempt.
    ///
    /// # Errors
    /// 429 `M_LIMIT_EXCEEDED`.
    pub(crate) fn count(self, limits: &crate::limits::Limits) -> Result<(), ApiError> {
        self.0.map_or(Ok(()), |key| limits.login(key))
    }
}
