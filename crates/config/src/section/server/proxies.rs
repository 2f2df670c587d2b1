//! Which proxies are believed, as an admin writes them: `["127.0.0.1", "10.0.0.0/8", "fd00::/8"]`.

use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

use crate::from_text::FromText;

/// What stands before an address of IPv4 that is written as one of IPv6, bits.
const MAPPED_PREFIX: u8 = 96;

/// The addresses of proxies that are believed when they say for whom they ask. None is the default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<IpNet>);

const EXPECTED: &str = "addresses such as 10.0.0.1 or networks such as 10.0.0.0/8 and fd00::/8";

impl TrustedProxies {
    /// Whether a proxy with this address is believed. An address of IPv4 is the same written as one of IPv6.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }
}

impl FromText for TrustedProxies {
    const EXPECTED: &'static str = EXPECTED;

    fn from_text(text: &str) -> Option<Self> {
        networks(text.split(',').filter(|item| !item.trim().is_empty()))
    }
}

fn networks<'a>(items: impl Iterator<Item = &'a str>) -> Option<TrustedProxies> {
    items.map(|item| network(item.trim())).collect::<Option<_>>().map(TrustedProxies)
}

fn network(text: &str) -> Option<IpNet> {
    let network = text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))?;
    Some(canonical(network).trunc())
}

/// A network of IPv4 that is written as one of IPv6, as what it is: addresses are compared in that form.
fn canonical(network: IpNet) -> IpNet {
    let IpNet::V6(v6) = network else { return network };
    let inside = v6.addr().to_ipv4_mapped().zip(v6.prefix_len().checked_sub(MAPPED_PREFIX));
    let v4 = inside.and_then(|(address, prefix)| Ipv4Net::new(address, prefix).ok());
    v4.map_or(network, IpNet::V4)
}

impl<'de> Deserialize<'de> for TrustedProxies {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let wrong = || D::Error::custom(format_args!("expected {EXPECTED}"));
        let list = Vec::<String>::deserialize(deserializer).map_err(|_| wrong())?;
        networks(list.iter().map(String::as_str)).ok_or_else(wrong)
    }
}

impl Serialize for TrustedProxies {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(ToString::to_string))
    }
}
