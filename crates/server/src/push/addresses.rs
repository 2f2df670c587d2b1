//! Which addresses are public: where somebody with an account may have the server send something. Not this machine, not the network that
//! it stands in, nothing that leads there by another way of writing it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether an address is one of the internet's.
pub(super) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

/// All but the special ones of IANA's registry (RFC 6890 and later).
fn is_public_v4(address: Ipv4Addr) -> bool {
    match address.octets() {
        // This network, private, this machine, link-local, multicast and reserved.
        [0 | 10 | 127 | 224..=255, ..] | [169, 254, ..] | [172, 16..=31, ..] | [192, 168, ..] => false,
        // Behind a provider's translation, protocol assignments, benchmarks.
        [100, 64..=127, ..] | [192, 0, 0, _] | [198, 18..=19, ..] => false,
        // Examples in documents, relays of 6to4.
        [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _] | [192, 88, 99, _] => false,
        _ => true,
    }
}

/// What is given out to the internet (2000::/3), without what leads into IPv4 or stands in documents.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, ..] = address.segments();
    let is_given_out = a & 0xe000 == 0x2000;
    let is_special = matches!((a, b), (0x2001, 0..=0x01ff | 0x0db8) | (0x2002 | 0x3fff, _));
    is_given_out && !is_special
}

#[cfg(test)]
mod tests {
    use super::is_public;

    #[test]
    fn only_addresses_of_the_internet_are_public() {
        for (addresses, expected) in [
            (
                &["1.1.1.1", "93.184.216.34", "172.15.0.1", "172.32.0.1", "100.63.255.255", "192.0.1.1", "223.255.255.255"]
                    [..],
                true,
            ),
            (&["2606:4700:4700::1111", "2a00:1450:4001::1", "2001:4860:4860::8888"], true),
            (
                &["0.0.0.0", "0.1.2.3", "127.0.0.1", "127.9.9.9", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1"],
                false,
            ),
            (&["169.254.169.254", "100.64.0.1", "100.127.255.255", "192.0.0.1", "198.18.0.1", "198.19.255.255"], false),
            (&["192.0.2.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "240.0.0.1", "255.255.255.255"], false),
            (
                &["::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:1.1.1.1", "::127.0.0.1", "64:ff9b::7f00:1"],
                false,
            ),
            (
                &["fe80::1", "fc00::1", "fd12:3456::1", "ff02::1", "fec0::1", "2002:7f00:1::", "2001::1", "2001:db8::1"],
                false,
            ),
        ] {
            for address in addresses {
                assert_eq!(is_public(address.parse().unwrap()), expected, "{address}");
            }
        }
    }
}
