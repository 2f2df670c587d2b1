//! Addresses for people and attackers.

use std::net::Ipv4Addr;

/// An address of this machine: all of 127.0.0.0/8 are. Each kind of client has some for itself.
pub(crate) fn address(kind: u8, number: u32) -> Ipv4Addr {
    let [_, _, high, low] = number.to_be_bytes();
    Ipv4Addr::new(127, kind, high, low.max(1))
}
