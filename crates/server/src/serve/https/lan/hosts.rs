//! What the machine is called at home.

use std::{
    collections::BTreeSet,
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, UdpSocket},
};

use anyhow::{Context as _, Result};
use config::{Lan, LanHost};
use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// Addresses of the machine that are taken at most: a machine with containers has many.
const ADDRESSES_MAX: usize = 64;
/// An address of nobody (RFC 5737): the way there is the way out of the house.
const OUTSIDE: (Ipv4Addr, u16) = (Ipv4Addr::new(192, 0, 2, 1), 9);

/// Networks that are nobody's on the internet: RFC 1918, RFC 6598, RFC 3927, RFC 4193, and the machine itself.
pub(super) const OF_HOME: [IpNet; 8] = [
    v4([10, 0, 0, 0], 8),
    v4([172, 16, 0, 0], 12),
    v4([192, 168, 0, 0], 16),
    v4([100, 64, 0, 0], 10),
    v4([169, 254, 0, 0], 16),
    v4([127, 0, 0, 0], 8),
    v6(Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 7),
    v6(Ipv6Addr::LOCALHOST, 128),
];

const fn v4([a, b, c, d]: [u8; 4], length: u8) -> IpNet {
    IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), length))
}

const fn v6(address: Ipv6Addr, length: u8) -> IpNet {
    IpNet::V6(Ipv6Net::new_assert(address, length))
}

/// Names and addresses, at least one, and always those by which the machine calls itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hosts {
    first: LanHost,
    all: BTreeSet<LanHost>,
}

impl Hosts {
    /// What the settings say, or what the machine says.
    ///
    /// # Errors
    /// It has no name and no address at home.
    pub(super) fn of(lan: &Lan) -> Result<Self> {
        let listed = match lan {
            Lan::Named(listed) => listed.clone(),
            Lan::Off | Lan::Found => found(),
        };
        let first = listed.first().context(
            "this machine has no name and no address in a home network; list what people are to type in https.lan (HEARTH_LAN)",
        )?;
        Ok(Self { first: first.clone(), all: listed.iter().cloned().chain(itself()).collect() })
    }

    /// What people are to type first.
    pub(super) fn first(&self) -> &LanHost {
        &self.first
    }

    /// Those for which something holds; none where it does not for the first.
    pub(super) fn only(&self, holds: impl Fn(&LanHost) -> bool) -> Option<Self> {
        let all = self.all.iter().filter(|host| holds(host)).cloned().collect();
        holds(&self.first).then(|| Self { first: self.first.clone(), all })
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &LanHost> {
        self.all.iter()
    }
}

impl fmt::Display for Hosts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all: Vec<String> = self.all.iter().map(ToString::to_string).collect();
        f.write_str(&all.join(", "))
    }
}

fn itself() -> [LanHost; 3] {
    let addresses = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)].map(LanHost::Address);
    let [v4, v6] = addresses;
    [LanHost::Name("localhost".to_owned()), v4, v6]
}

/// Whether an address is one that a home network gives.
pub(super) fn is_of_home(address: IpAddr) -> bool {
    OF_HOME.iter().any(|network| network.contains(&address))
}

/// The address on the way out of the house first, because any device finds that; then the others, and the name.
fn found() -> Vec<LanHost> {
    let mut addresses: Vec<IpAddr> = own_addresses().into_iter().filter(|address| is_of_home(*address)).collect();
    addresses.sort();
    addresses.truncate(ADDRESSES_MAX);
    let outward = outward().filter(|address| is_of_home(*address) && !address.is_loopback());
    outward.into_iter().chain(addresses).map(LanHost::Address).chain(own_names()).collect()
}

/// The addresses of the machine's interfaces, but for those that it has for itself. None where the system does not say.
fn own_addresses() -> Vec<IpAddr> {
    let interfaces = if_addrs::get_if_addrs().unwrap_or_else(|error| {
        tracing::warn!(%error, "the system does not say which addresses it has");
        Vec::new()
    });
    interfaces.iter().filter(|interface| !interface.is_loopback()).map(if_addrs::Interface::ip).collect()
}

/// From where the machine would send what leaves the house. Nothing is sent.
fn outward() -> Option<IpAddr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    socket.connect(OUTSIDE).ok()?;
    Some(socket.local_addr().ok()?.ip())
}

/// The machine's name as the router may know it, and as it is announced in the network (RFC 6762).
fn own_names() -> Vec<LanHost> {
    let name = machine_name().and_then(|name| name.parse().ok());
    let Some(LanHost::Name(name)) = name else { return Vec::new() };
    if name == "localhost" {
        return Vec::new();
    }
    let announced = (!name.contains('.')).then(|| LanHost::Name(format!("{name}.local")));
    announced.into_iter().chain([LanHost::Name(name)]).collect()
}

#[cfg(unix)]
fn machine_name() -> Option<String> {
    rustix::system::uname().nodename().to_str().ok().map(str::to_owned)
}

/// Elsewhere the settings list the names.
#[cfg(not(unix))]
fn machine_name() -> Option<String> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_home_are_nobodys_on_the_internet() {
        for (address, is_home) in [
            ("10.1.2.3", true),
            ("172.15.255.255", false),
            ("172.16.0.1", true),
            ("172.31.255.255", true),
            ("172.32.0.0", false),
            ("192.168.1.20", true),
            ("192.169.0.1", false),
            ("100.64.0.1", true),
            ("100.128.0.1", false),
            ("169.254.3.4", true),
            ("127.0.0.1", true),
            ("8.8.8.8", false),
            ("fd12:3456::1", true),
            ("fe80::1", false),
            ("2001:db8::1", false),
            ("::1", true),
        ] {
            assert_eq!(is_of_home(address.parse().unwrap()), is_home, "{address}");
        }
    }

    #[test]
    fn what_is_listed_comes_first_and_the_machine_itself_is_always_there() -> Result<()> {
        let listed = ["nas.local", "192.168.1.20"].map(|host| host.parse::<LanHost>().unwrap());
        let hosts = Hosts::of(&Lan::Named(listed.to_vec()))?;
        assert_eq!(hosts.first(), &listed[0]);
        assert_eq!(hosts.to_string(), "127.0.0.1, 192.168.1.20, [::1], localhost, nas.local");
        Ok(())
    }
}
