//! Section `calls`: voice and video. Media never passes through the server; it only helps two clients find each other.

mod listen;

pub use listen::{STUN_PORT, StunListen};

use super::{Check, section};
use crate::error::ConfigError;

section! {
    /// Voice and video.
    Calls {
        /// Where the server answers STUN, by which a client behind a router learns its own address: a port, an address
        /// and port, a list of those, or "off". Not set: UDP port 3478 on every address, if nobody else has it.
        stun_listen: Option<StunListen> = None, "HEARTH_STUN_LISTEN";
        /// The STUN address that clients are given, such as "stun.example.org" or "stun.example.org:3478". Not set: the
        /// host of server.public_url, or else the one by which a client reached the server, and the port above.
        stun_public_address: Option<String> = None, "HEARTH_STUN_PUBLIC_ADDRESS" live;
        /// Other servers for calls, such as "turn:turn.example.org:3478?transport=udp". A TURN server relays media for
        /// two clients that cannot reach each other; without one such a call does not come about.
        turn_uris: Vec<String> = Vec::new(), "HEARTH_TURN_URIS" live;
        /// What the TURN server knows as its shared secret (coturn: static-auth-secret). Clients get passwords from it
        /// that are good for as long as turn_ttl_s says.
        turn_shared_secret: Option<String> = None, "HEARTH_TURN_SHARED_SECRET" live;
        /// A name for the TURN server that is the same for all clients; instead of turn_shared_secret.
        turn_username: Option<String> = None, "HEARTH_TURN_USERNAME" live;
        /// The password that goes with turn_username.
        turn_password: Option<String> = None, "HEARTH_TURN_PASSWORD" live;
        /// How long clients may use what they were told about calls, in seconds.
        turn_ttl_s: u32 = 86_400, "HEARTH_TURN_TTL_S" live;
    }
}

impl Check for Calls {
    fn check(&self) -> Result<(), ConfigError> {
        let is_uri = |uri: &String| ["stun:", "stuns:", "turn:", "turns:"].iter().any(|scheme| uri.starts_with(scheme));
        if let Some(uri) = self.turn_uris.iter().find(|uri| !is_uri(uri)) {
            let problem = format!("{uri:?} does not begin with stun:, stuns:, turn: or turns:");
            return Err(ConfigError::value("calls.turn_uris", problem));
        }
        if let Some(address) = self.stun_public_address.as_ref().filter(|address| !is_public_address(address)) {
            let problem = format!("{address:?} is not a host such as \"stun.example.org\", with or without a port");
            return Err(ConfigError::value("calls.stun_public_address", problem));
        }
        if self.turn_ttl_s == 0 {
            return Err(ConfigError::value("calls.turn_ttl_s", "must be at least 1"));
        }
        self.check_credentials()
    }
}

impl Calls {
    /// Browsers refuse a TURN server without a name and a password.
    fn check_credentials(&self) -> Result<(), ConfigError> {
        let has_relay = self.turn_uris.iter().any(|uri| uri.starts_with("turn"));
        match (&self.turn_shared_secret, &self.turn_username, &self.turn_password) {
            (Some(_), Some(_), _) | (Some(_), _, Some(_)) => {
                let problem = "is set together with turn_username or turn_password; expected one or the other";
                Err(ConfigError::value("calls.turn_shared_secret", problem))
            }
            (None, Some(_), None) => Err(ConfigError::value("calls.turn_password", "is missing beside turn_username")),
            (None, None, Some(_)) => Err(ConfigError::value("calls.turn_username", "is missing beside turn_password")),
            (None, None, None) if has_relay => {
                let problem =
                    "names a TURN server; clients need turn_shared_secret, or turn_username and turn_password, for it";
                Err(ConfigError::value("calls.turn_uris", problem))
            }
            _ => Ok(()),
        }
    }
}

/// A host as it stands in an address, IPv6 in brackets, perhaps with a port.
fn is_public_address(address: &str) -> bool {
    let (host, port) = match address.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (address, None),
    };
    let is_host = match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        Some(v6) => v6.parse::<std::net::Ipv6Addr>().is_ok(),
        None => !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_".contains(&b)),
    };
    is_host && port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port != 0))
}
