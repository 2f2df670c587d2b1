//! What a request is called in the server's output: as a trusted proxy named it, or by a number of the server's own.

use std::{net::IpAddr, sync::LazyLock};

use api::RequestId;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use config::TrustedProxies;

const HEADER: HeaderName = HeaderName::from_static(RequestId::HEADER);

/// Tells the ids of this process from those of the one before. Nothing depends on nobody guessing it.
static PROCESS: LazyLock<u32> = LazyLock::new(rand::random);

/// The id of a request from `peer`. Only a proxy that is trusted is believed: others could make two requests look like one.
pub(super) fn of(peer: IpAddr, headers: &HeaderMap, trusted: &TrustedProxies) -> RequestId {
    let named = || RequestId::of_proxy(headers.get(HEADER)?.to_str().ok()?);
    let of_proxy = trusted.contains(peer.to_canonical()).then(named).flatten();
    of_proxy.unwrap_or_else(|| RequestId::next(*PROCESS))
}

/// The header that tells a client the id.
pub(super) fn header(id: &RequestId) -> Option<(HeaderName, HeaderValue)> {
    Some((HEADER, HeaderValue::from_str(id.as_str()).ok()?))
}

#[cfg(test)]
mod tests {
    use config::Config;

    use super::*;

    #[test]
    fn only_a_trusted_proxy_names_requests() {
        let trusted = Config::load(None, [("HEARTH_TRUSTED_PROXIES", "10.0.0.0/24")]).unwrap().server.trusted_proxies;
        let long = "a".repeat(65);
        for (peer, named, taken) in [
            ("10.0.0.1", Some("proxy-1.2_x"), true),
            ("::ffff:10.0.0.1", Some("proxy-1"), true),
            ("192.0.2.1", Some("proxy-1"), false),
            ("10.0.0.1", Some("two words"), false),
            ("10.0.0.1", Some(""), false),
            ("10.0.0.1", Some(long.as_str()), false),
            ("10.0.0.1", None, false),
        ] {
            let headers: HeaderMap = named.map(|named| (HEADER, named.parse().unwrap())).into_iter().collect();
            let id = of(peer.parse().unwrap(), &headers, &trusted);
            assert_eq!(Some(id.as_str()) == named, taken, "{named:?} from {peer}");
            assert_ne!(of(peer.parse().unwrap(), &HeaderMap::new(), &trusted), id, "each request has its own");
        }
    }
}
