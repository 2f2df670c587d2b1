//! Whose request it is, when it came through proxies.

use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, HeaderName};
use config::TrustedProxies;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The address that a request from `peer` is counted by. Only a proxy that is trusted is believed, and only about the one
/// who asked it: from right to left, the first address that is not a trusted proxy's. What stands left of that, anybody can
/// have written. What does not read ends the search at the last proxy.
pub(super) fn client_address(peer: IpAddr, headers: &HeaderMap, trusted: &TrustedProxies) -> IpAddr {
    let mut nearest = peer.to_canonical();
    if !trusted.contains(nearest) {
        return nearest;
    }
    for value in headers.get_all(FORWARDED_FOR).iter().rev() {
        let Ok(text) = value.to_str() else { return nearest };
        for entry in text.rsplit(',') {
            let Some(address) = address(entry.trim()) else { return nearest };
            nearest = address.to_canonical();
            if !trusted.contains(nearest) {
                return nearest;
            }
        }
    }
    nearest
}

/// An address as proxies write it, some with a port or brackets.
fn address(entry: &str) -> Option<IpAddr> {
    let bare = || entry.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    entry.parse().ok().or_else(bare).or_else(|| entry.parse().ok().map(|with_port: SocketAddr| with_port.ip()))
}

#[cfg(test)]
mod tests {
    use config::Config;

    use super::*;

    const PROXY: &str = "10.0.0.1";

    fn check(peer: &str, headers: &[&str], expected: &str) {
        let trusted =
            Config::load(None, [("HEARTH_TRUSTED_PROXIES", "10.0.0.0/24, fd00::1")]).unwrap().server.trusted_proxies;
        let mut map = HeaderMap::new();
        for value in headers {
            map.append(FORWARDED_FOR, value.parse().unwrap());
        }
        let found = client_address(peer.parse().unwrap(), &map, &trusted);
        assert_eq!(found, expected.parse::<IpAddr>().unwrap(), "{headers:?} from {peer}");
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        check("192.0.2.1", &[], "192.0.2.1");
        check("192.0.2.1", &["198.51.100.1"], "192.0.2.1");
        check("::ffff:192.0.2.1", &["198.51.100.1"], "192.0.2.1");
        check("fd00::2", &["198.51.100.1"], "fd00::2");
        check(PROXY, &["198.51.100.1"], "198.51.100.1");
        check("::ffff:10.0.0.1", &["198.51.100.1"], "198.51.100.1");
        check("fd00::1", &["198.51.100.1"], "198.51.100.1");
    }

    #[test]
    fn the_right_most_that_is_no_proxy_counts() {
        check(PROXY, &[], PROXY);
        check(PROXY, &["203.0.113.9, 198.51.100.1"], "198.51.100.1");
        check(PROXY, &["203.0.113.9,198.51.100.1,10.0.0.7"], "198.51.100.1");
        check(PROXY, &["203.0.113.9", "198.51.100.1", "10.0.0.7"], "198.51.100.1");
        check(PROXY, &["198.51.100.1", "10.0.0.8, ::ffff:10.0.0.7"], "198.51.100.1");
        check(PROXY, &["10.0.0.8, 10.0.0.7"], "10.0.0.8");
    }

    #[test]
    fn what_does_not_read_ends_the_search() {
        check(PROXY, &["198.51.100.1, unknown"], PROXY);
        check(PROXY, &[""], PROXY);
        check(PROXY, &["198.51.100.1, "], PROXY);
        check(PROXY, &["203.0.113.9, x, 10.0.0.7"], "10.0.0.7");
        check(PROXY, &["x, 198.51.100.1"], "198.51.100.1");
    }

    #[test]
    fn ports_and_brackets_are_not_the_address() {
        check(PROXY, &["198.51.100.1:4711"], "198.51.100.1");
        check(PROXY, &["[2001:db8::1]:4711"], "2001:db8::1");
        check(PROXY, &["[2001:db8::1]"], "2001:db8::1");
        check(PROXY, &["2001:db8::1"], "2001:db8::1");
    }
}
