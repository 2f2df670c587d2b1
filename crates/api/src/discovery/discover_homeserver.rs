//! `GET /.well-known/matrix/client`

use std::sync::Arc;

use axum::{
    extract::State,
    http::{HeaderMap, header::HOST},
};
use domain::Rejection;
use ruma::api::client::discovery::discover_homeserver::{HomeserverInfo, Response};

use crate::{app::ApiSettings, error::ApiError, extract::Ruma};

pub(crate) async fn handle(
    State(settings): State<Arc<ApiSettings>>,
    headers: HeaderMap,
) -> Result<Ruma<Response>, ApiError> {
    let base_url = match &settings.public_url {
        Some(url) => url.trim_end_matches('/').to_owned(),
        None => requested_url(&headers).ok_or_else(|| Rejection::not_found("The server does not know its address."))?,
    };
    Ok(Ruma(Response::new(HomeserverInfo::new(base_url))))
}

/// Where the request came to. A reverse proxy says by which scheme.
fn requested_url(headers: &HeaderMap) -> Option<String> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let host = text(HOST.as_str())?;
    let scheme = text("x-forwarded-proto").filter(|scheme| *scheme == "https").unwrap_or("http");
    Some(format!("{scheme}://{host}"))
}
