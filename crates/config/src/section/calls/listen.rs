//! Where STUN listens, as an admin writes it: `3478`, `"127.0.0.1:3478"`, `["127.0.0.1:0", "[::1]:0"]` or `"off"`.

use std::net::SocketAddr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

use crate::from_text::FromText;

/// The port that RFC 8489 gives STUN, and that is taken when nothing is set.
pub const STUN_PORT: u16 = 3478;
/// Sockets that one server opens for STUN at most.
const ADDRESSES_MAX: usize = 16;

/// Where STUN listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StunListen {
    /// Nowhere.
    Off,
    /// On this port of every address, IPv4 and IPv6. Port 0 takes a free one.
    Port(u16),
    /// On these addresses and ports; at least one.
    Addresses(Vec<SocketAddr>),
}

const EXPECTED: &str = "a port, addresses with ports such as 127.0.0.1:3478 or [::1]:3478 with commas in between, or off";

impl FromText for StunListen {
    const EXPECTED: &'static str = EXPECTED;

    fn from_text(text: &str) -> Option<Self> {
        parse(text)
    }
}

fn parse(text: &str) -> Option<StunListen> {
    let text = text.trim();
    if ["off", "false", "no"].iter().any(|off| text.eq_ignore_ascii_case(off)) {
        return Some(StunListen::Off);
    }
    if let Ok(port) = text.parse() {
        return Some(StunListen::Port(port));
    }
    addresses(text.split(','))
}

fn addresses<'a>(items: impl Iterator<Item = &'a str>) -> Option<StunListen> {
    let found: Vec<SocketAddr> = items.map(|item| item.trim().parse().ok()).collect::<Option<_>>()?;
    (!found.is_empty() && found.len() <= ADDRESSES_MAX).then_some(StunListen::Addresses(found))
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Switch(bool),
    Port(u16),
    Text(String),
    List(Vec<String>),
}

impl<'de> Deserialize<'de> for StunListen {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let wrong = || D::Error::custom(format_args!("expected {EXPECTED}"));
        match Written::deserialize(deserializer).map_err(|_| wrong())? {
            Written::Switch(false) => Ok(Self::Off),
            Written::Switch(true) => Ok(Self::Port(STUN_PORT)),
            Written::Port(port) => Ok(Self::Port(port)),
            Written::Text(text) => parse(&text).ok_or_else(wrong),
            Written::List(list) => addresses(list.iter().map(String::as_str)).ok_or_else(wrong),
        }
    }
}

impl Serialize for StunListen {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Off => serializer.serialize_str("off"),
            Self::Port(port) => serializer.serialize_u16(*port),
            Self::Addresses(addresses) => addresses.serialize(serializer),
        }
    }
}
