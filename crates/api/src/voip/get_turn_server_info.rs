//! `GET /_matrix/client/v3/voip/turnServer`

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, header::HOST},
};
use engine::Engine;
use ruma::api::client::voip::get_turn_server_info::v3::Request;
use serde_json::{Value, json};

use super::credentials::credentials;
use crate::{
    app::{ApiSettings, CallServers},
    error::ApiError,
    extract::{Ruma, Sender},
};

pub(crate) async fn handle(
    State(settings): State<Arc<ApiSettings>>,
    State(engine): State<Engine>,
    sender: Sender,
    headers: HeaderMap,
    Ruma(_): Ruma<Request>,
) -> Result<Json<Value>, ApiError> {
    let calls = &settings.calls;
    let reached = headers.get(HOST).and_then(|value| value.to_str().ok());
    let mut uris = own_stun(calls, settings.public_url.as_deref(), reached);
    uris.extend(calls.turn_uris.iter().cloned());
    // Without an address an empty object is what clients know as "there is no such server".
    if uris.is_empty() {
        return Ok(Json(json!({})));
    }
    let now_s = u64::from(engine.now().0) / 1_000;
    let (username, password) = credentials(calls, &sender.user_id, now_s);
    Ok(Json(json!({ "username": username, "password": password, "uris": uris, "ttl": calls.ttl_s })))
}

/// The addresses of this server's own STUN: at the host that the admin named, or the one that clients come to.
fn own_stun(calls: &CallServers, public_url: Option<&str>, reached: Option<&str>) -> Vec<String> {
    let named = calls.stun_public_address.as_deref();
    let Some(address) = named.or_else(|| public_url.map(authority)).or(reached) else {
        return Vec::new();
    };
    let (host, port) = split_port(address);
    if host.is_empty() || calls.stun_ports.is_empty() {
        return Vec::new();
    }
    match port.filter(|_| named.is_some()) {
        // The admin knows under which port the world sees it.
        Some(port) => vec![format!("stun:{host}:{port}")],
        // Of an address for HTTP the port is another one.
        None => calls.stun_ports.iter().map(|port| format!("stun:{host}:{port}")).collect(),
    }
}

/// Host and port of a URL.
fn authority(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or_default()
}

/// Host, in brackets if it is an address of IPv6, and port.
fn split_port(authority: &str) -> (&str, Option<&str>) {
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (authority, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_where_clients_come_to_unless_it_is_named() {
        for (named, public_url, reached, ports, expected) in [
            (None, None, Some("localhost:8008"), &[3478][..], &["stun:localhost:3478"][..]),
            (None, None, Some("chat.example.org"), &[3478], &["stun:chat.example.org:3478"]),
            (None, None, Some("[::1]:8008"), &[3478], &["stun:[::1]:3478"]),
            (None, None, Some("[::1]"), &[3478], &["stun:[::1]:3478"]),
            (None, None, None, &[3478], &[]),
            (None, None, Some(":8008"), &[3478], &[]),
            (None, None, Some("h"), &[], &[]),
            (None, None, Some("h"), &[1, 2], &["stun:h:1", "stun:h:2"]),
            (None, Some("https://h:8448/x"), Some("proxy"), &[3478], &["stun:h:3478"]),
            (None, Some("https://h"), None, &[3478], &["stun:h:3478"]),
            (Some("s"), Some("https://h"), Some("r"), &[3479], &["stun:s:3479"]),
            (Some("s:99"), Some("https://h"), Some("r"), &[3479], &["stun:s:99"]),
            (Some("s:99"), None, Some("r"), &[], &[]),
        ] {
            let calls = CallServers {
                stun_ports: ports.to_vec(),
                stun_public_address: named.map(str::to_owned),
                ..CallServers::default()
            };
            let uris = own_stun(&calls, public_url, reached);
            assert_eq!(uris, expected, "{named:?} {public_url:?} {reached:?} {ports:?}");
        }
    }
}
