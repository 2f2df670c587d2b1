//! The answer to one datagram: pure, so that it can be tested with anything that a network may bring.
//!
//! What is not a well-formed binding request is not answered at all: an answer to it would help nobody but those who
//! send in other people's names. An answer is at most 44 bytes for 20, or two bytes for each four of unknown attributes.

use std::net::SocketAddr;

use super::message::{
    ERROR_CODE, MAPPED_ADDRESS, MESSAGE_INTEGRITY, MESSAGE_INTEGRITY_SHA256, NONCE, PASSWORD_ALGORITHM, REALM, Request,
    UNKNOWN_ATTRIBUTES, USERHASH, USERNAME, XOR_MAPPED_ADDRESS,
};

/// The largest request that is looked at, bytes: what fits any path (RFC 8489, section 6.1).
pub(crate) const REQUEST_BYTES_MAX: usize = 548;
/// How many unknown attributes an answer names.
const UNKNOWN_MAX: usize = 16;

/// Attributes of RFC 8489 that must be understood. A server without authentication understands and ignores them.
const KNOWN: [u16; 11] = [
    MAPPED_ADDRESS,
    USERNAME,
    MESSAGE_INTEGRITY,
    ERROR_CODE,
    UNKNOWN_ATTRIBUTES,
    REALM,
    NONCE,
    MESSAGE_INTEGRITY_SHA256,
    PASSWORD_ALGORITHM,
    USERHASH,
    XOR_MAPPED_ADDRESS,
];

/// What is sent back to `source`, where `datagram` came from; none for everything but a binding request.
pub(crate) fn answer(datagram: &[u8], source: SocketAddr) -> Option<Vec<u8>> {
    if datagram.len() > REQUEST_BYTES_MAX || source.port() == 0 {
        return None;
    }
    let request = Request::read(datagram)?;
    let mut unknown: Vec<u16> = Vec::new();
    for kind in request.required() {
        if !KNOWN.contains(&kind) && !unknown.contains(&kind) && unknown.len() < UNKNOWN_MAX {
            unknown.push(kind);
        }
    }
    if !unknown.is_empty() {
        return Some(request.not_understood(&unknown));
    }
    // A socket for both versions of IP sees IPv4 addresses inside of IPv6 ones.
    Some(request.success(SocketAddr::new(source.ip().to_canonical(), source.port())))
}
