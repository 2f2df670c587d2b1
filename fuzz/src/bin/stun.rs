//! Any datagram from any address: an answer only to what is a binding request, never much longer than it, and to the same
//! transaction. The first 18 bytes are address and port; the rest is the datagram.
#![no_main]

use std::net::{Ipv6Addr, SocketAddr};

// `message` computes fingerprints with it.
use crc32fast as _;
use libfuzzer_sys::fuzz_target;

// The parts of the server's binary, which is no library.
#[path = "../../../crates/server/src/stun/answer.rs"]
mod answer;
#[path = "../../../crates/server/src/stun/message.rs"]
mod message;

fuzz_target!(|input: &[u8]| {
    let Some((address, rest)) = input.split_first_chunk::<16>() else { return };
    let Some((port, datagram)) = rest.split_first_chunk::<2>() else { return };
    let source = SocketAddr::from((Ipv6Addr::from(*address), u16::from_be_bytes(*port)));
    if let Some(reply) = answer::answer(datagram, source) {
        assert!(datagram.len() <= answer::REQUEST_BYTES_MAX && datagram.starts_with(&[0, 1]));
        assert!(reply.len() * 2 <= datagram.len() * 5, "much for little");
        assert_eq!(reply[4..20], datagram[4..20], "another transaction");
    }
});
