//! Anything that a network may bring: never a panic, never an answer to what is malformed, and every answer decodes and
//! says where the request came from. `HEARTH_STUN_SEED` repeats a run.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha20Rng;
use stun_types::{
    attribute::{
        AttributeStaticType, AttributeType, ErrorCode, Fingerprint, MessageIntegrity, RawAttribute, UnknownAttributes,
        XorMappedAddress,
    },
    message::{
        BINDING, IntegrityAlgorithm, Message, MessageClass, MessageType, MessageWrite, MessageWriteExt, MessageWriteVec,
        Method, ShortTermCredentials,
    },
};

use super::answer::{REQUEST_BYTES_MAX, answer};

const ROUNDS: usize = 60_000;

fn plain() -> Vec<u8> {
    let mut request = vec![0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42];
    request.extend(1..=12);
    request
}

fn address(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

#[test]
fn a_request_is_told_where_it_came_from() {
    // By hand, from RFC 8489 section 14.2: the port and the address are mixed with the cookie and the transaction.
    let reply = answer(&plain(), address("192.0.2.1:32853")).unwrap();
    let mut expected = vec![1, 1, 0, 12, 0x21, 0x12, 0xa4, 0x42];
    expected.extend(1..=12);
    expected.extend([0, 0x20, 0, 8, 0, 1, 0xa1, 0x47, 0xe1, 0x12, 0xa6, 0x43]);
    assert_eq!(reply, expected);
    let inside_v6 = answer(&plain(), address("[::ffff:192.0.2.1]:32853")).unwrap();
    assert_eq!(inside_v6, expected, "an address of IPv4 as sockets for both versions see it");
    let reply = answer(&plain(), address("[2001:db8:1234:5678:11:2233:4455:6677]:32853")).unwrap();
    assert_eq!((reply.len(), &reply[20..28]), (44, &[0, 0x20, 0, 20, 0, 2, 0xa1, 0x47][..]));
}

#[test]
fn other_messages_are_not_answered() {
    let source = address("192.0.2.1:1");
    for (what, change) in [
        ("an indication", (0, 0x00, 1, 0x11)),
        ("a success", (0, 0x01, 1, 0x01)),
        ("an error", (0, 0x01, 1, 0x11)),
        ("a TURN allocation", (0, 0x00, 1, 0x03)),
        ("another protocol", (0, 0x80, 1, 0x01)),
        ("no cookie, as of RFC 3489", (4, 0, 5, 0)),
        ("a length over the end", (2, 0, 3, 4)),
    ] {
        let mut datagram = plain();
        datagram[change.0] = change.1;
        datagram[change.2] = change.3;
        assert_eq!(answer(&datagram, source), None, "{what}");
    }
    let behind = [plain(), vec![0; 4]].concat();
    assert_eq!(answer(&behind, source), None, "something behind the message");
    assert_eq!(answer(&plain(), address("192.0.2.1:0")), None, "nobody can be at port 0");
    assert!((0..20).all(|bytes| answer(&plain()[..bytes], source).is_none()), "cut off");
}

#[test]
fn what_must_be_understood_and_is_not_is_named() {
    let mut request = Message::builder_request(BINDING, MessageWriteVec::new());
    for kind in [0x0003, 0x0024, 0x8022, 0x0003, 0x0006] {
        request.add_attribute(&RawAttribute::new(AttributeType::new(kind), &[0; 4])).unwrap();
    }
    let reply = answer(&request.finish(), address("192.0.2.1:1")).unwrap();
    let reply = Message::from_bytes(&reply).unwrap();
    assert_eq!(reply.attribute::<ErrorCode>().unwrap().code(), 420);
    let unknown = reply.attribute::<UnknownAttributes>().unwrap();
    let named = [0x0003, 0x0024, 0x8022, 0x0006].map(|kind| unknown.has_attribute(AttributeType::new(kind)));
    assert_eq!(named, [true, true, false, false], "only what is unknown and must be understood");
}

#[test]
fn a_broken_fingerprint_is_not_answered() {
    let mut request = Message::builder_request(BINDING, MessageWriteVec::new());
    request.add_fingerprint().unwrap();
    let request = request.finish();
    assert!(answer(&request, address("192.0.2.1:1")).is_some());
    for byte in (8..20).chain(24..28) {
        let mut broken = request.clone();
        broken[byte] ^= 1;
        assert_eq!(answer(&broken, address("192.0.2.1:1")), None, "byte {byte}");
    }
}

#[test]
fn a_fingerprint_is_last() {
    let mut request = Message::builder_request(BINDING, MessageWriteVec::new());
    request.add_fingerprint().unwrap();
    let mut request = request.finish();
    request.extend([0x80, 0x22, 0, 0]);
    request[3] += 4;
    assert_eq!(answer(&request, address("192.0.2.1:1")), None);
}

#[test]
fn what_stands_behind_a_signature_is_not_looked_at() {
    let mut request = Message::builder_request(BINDING, MessageWriteVec::new());
    let key = ShortTermCredentials::new("secret".to_owned()).into();
    request.add_message_integrity(&key, IntegrityAlgorithm::Sha1).unwrap();
    let mut request = request.finish();
    request.extend([0x00, 0x03, 0, 0]);
    request[3] += 4;
    let reply = answer(&request, address("192.0.2.1:1")).unwrap();
    assert!(Message::from_bytes(&reply).unwrap().has_class(MessageClass::Success));
}

#[test]
fn whatever_comes_is_answered_rightly_or_not_at_all() {
    let given = std::env::var("HEARTH_STUN_SEED").ok().map(|seed| seed.parse().expect("HEARTH_STUN_SEED is a number"));
    let seed = given.unwrap_or_else(rand::random);
    println!("HEARTH_STUN_SEED={seed}");
    let mut random = ChaCha20Rng::seed_from_u64(seed);
    let mut answered = 0;
    for _ in 0..ROUNDS {
        let datagram = match random.random_range(0..4) {
            0 => noise(&mut random),
            1 => request(&mut random),
            _ => mutated(&mut random),
        };
        let source = source(&mut random);
        if let Some(reply) = answer(&datagram, source) {
            assert!(is_request(&datagram), "malformed and answered: {datagram:02x?}");
            check(&datagram, source, &reply);
            answered += 1;
        }
    }
    assert!((ROUNDS / 10..ROUNDS).contains(&answered), "{answered} of {ROUNDS} were answered");
}

fn noise(random: &mut ChaCha20Rng) -> Vec<u8> {
    let bytes = random.random_range(0..REQUEST_BYTES_MAX + 40);
    let mut noise: Vec<u8> = (0..bytes).map(|_| random.random()).collect();
    if random.random() {
        let head = plain();
        let shared = head.len().min(noise.len());
        noise[..shared].copy_from_slice(&head[..shared]);
    }
    if noise.len() >= 20 && random.random() {
        let length = u16::try_from(noise.len() - 20).unwrap();
        noise[2..4].copy_from_slice(&length.to_be_bytes());
    }
    noise
}

fn request(random: &mut ChaCha20Rng) -> Vec<u8> {
    let class = if random.random_ratio(9, 10) { MessageClass::Request } else { MessageClass::Indication };
    let method = if random.random_ratio(9, 10) { BINDING } else { Method::new(random.random_range(0..0x1000)) };
    let kind = MessageType::from_class_method(class, method);
    let mut message = Message::builder(kind, random.random::<u128>().into(), MessageWriteVec::new());
    for _ in 0..random.random_range(0..4) {
        let kind = if random.random() { random.random() } else { random.random_range(0..0x30) };
        let value: Vec<u8> = (0..random.random_range(0..40)).map(|_| random.random()).collect();
        if ![MessageIntegrity::TYPE, Fingerprint::TYPE, AttributeType::new(0x1c)].contains(&AttributeType::new(kind)) {
            message.add_attribute(&RawAttribute::new(AttributeType::new(kind), &value)).unwrap();
        }
    }
    if random.random_ratio(1, 4) {
        let key = ShortTermCredentials::new("secret".to_owned()).into();
        message.add_message_integrity(&key, IntegrityAlgorithm::Sha1).unwrap();
    }
    if random.random_ratio(1, 2) {
        message.add_fingerprint().unwrap();
    }
    message.finish()
}

fn mutated(random: &mut ChaCha20Rng) -> Vec<u8> {
    let mut datagram = request(random);
    for _ in 0..random.random_range(1..4) {
        if datagram.is_empty() {
            break;
        }
        let at = random.random_range(0..datagram.len());
        match random.random_range(0..5) {
            0 => datagram[at] ^= 1 << random.random_range(0..8),
            1 => datagram[at] = random.random(),
            2 => datagram.truncate(at),
            3 => datagram.insert(at, random.random()),
            _ => datagram.extend_from_within(at..),
        }
    }
    datagram
}

fn source(random: &mut ChaCha20Rng) -> SocketAddr {
    let v4 = Ipv4Addr::from_bits(random.random());
    let ip: IpAddr = match random.random_range(0..3) {
        0 => v4.into(),
        1 => v4.to_ipv6_mapped().into(),
        _ => Ipv6Addr::from_bits(random.random()).into(),
    };
    SocketAddr::new(ip, random.random())
}

/// A binding request whose lengths fit, read here once more from the RFC's figures.
fn is_request(datagram: &[u8]) -> bool {
    let number = |at: usize| usize::from(datagram[at]) * 256 + usize::from(datagram[at + 1]);
    if datagram.len() < 20 || datagram.len() > 548 || number(0) != 1 || number(2) != datagram.len() - 20 {
        return false;
    }
    let mut at = 20;
    while at + 4 <= datagram.len() {
        at += 4 + number(at + 2).div_ceil(4) * 4;
    }
    at == datagram.len() && datagram[4..8] == [0x21, 0x12, 0xa4, 0x42]
}

fn check(datagram: &[u8], source: SocketAddr, reply: &[u8]) {
    let context = format!("{source}: {datagram:02x?} was answered {reply:02x?}");
    assert!(reply.len() * 2 <= datagram.len() * 5, "much for little: {context}");
    assert_eq!(reply[4..20], datagram[4..20], "another transaction: {context}");
    let decoded = Message::from_bytes(reply).unwrap_or_else(|error| panic!("{error}: {context}"));
    if decoded.has_class(MessageClass::Success) {
        let mapped = decoded.attribute::<XorMappedAddress>().unwrap().addr(decoded.transaction_id());
        assert_eq!(mapped, SocketAddr::new(source.ip().to_canonical(), source.port()), "{context}");
    } else {
        assert_eq!(decoded.attribute::<ErrorCode>().unwrap().code(), 420, "{context}");
        assert!(decoded.has_attribute(UnknownAttributes::TYPE), "{context}");
    }
}
