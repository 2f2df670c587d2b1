//! The answer to one datagram: pure, so that it can be tested with anything that a network may bring.
//!
//! What is not a well-formed binding request is not answered at all: an answer to it would help nobody but those who
//! send in other people's names. An answer is at most 44 bytes for 20, or two bytes for each four of unknown attributes.

use std::net::SocketAddr;

use stun_types::{
    attribute::{
        Attribute, AttributeStaticType, AttributeType, ErrorCode, MessageIntegrity, MessageIntegritySha256, Nonce,
        PasswordAlgorithm, Realm, UnknownAttributes, Userhash, Username, XorMappedAddress,
    },
    message::{BINDING, Message, MessageClass, MessageHeader, MessageWriteExt, MessageWriteVec},
};

/// The largest request that is looked at, bytes: what fits any path (RFC 8489, section 6.1).
pub(crate) const REQUEST_BYTES_MAX: usize = 548;
/// How many unknown attributes an answer names.
const UNKNOWN_MAX: usize = 16;
/// Bytes of an attribute's type and length.
const ATTRIBUTE_HEADER_BYTES: usize = 4;

/// Attributes of RFC 8489 that must be understood. A server without authentication understands and ignores them.
const KNOWN: [AttributeType; 11] = [
    AttributeType::new(0x0001),
    Username::TYPE,
    MessageIntegrity::TYPE,
    ErrorCode::TYPE,
    UnknownAttributes::TYPE,
    Realm::TYPE,
    Nonce::TYPE,
    MessageIntegritySha256::TYPE,
    PasswordAlgorithm::TYPE,
    Userhash::TYPE,
    XorMappedAddress::TYPE,
];

/// What is sent back to `source`, where `datagram` came from; none for everything but a binding request.
pub(crate) fn answer(datagram: &[u8], source: SocketAddr) -> Option<Vec<u8>> {
    if !is_whole(datagram) || source.port() == 0 {
        return None;
    }
    // Checks the fingerprint, if there is one.
    let request = Message::from_bytes(datagram).ok()?;
    if !request.has_class(MessageClass::Request) || !request.has_method(BINDING) {
        return None;
    }
    let mut unknown: Vec<AttributeType> = Vec::new();
    for (_, attribute) in request.iter_attributes() {
        let kind = attribute.get_type();
        let is_unknown = kind.comprehension_required() && !KNOWN.contains(&kind) && !unknown.contains(&kind);
        if is_unknown && unknown.len() < UNKNOWN_MAX {
            unknown.push(kind);
        }
    }
    if !unknown.is_empty() {
        return refuse(&request, &unknown);
    }
    let mut reply = Message::builder_success(&request, MessageWriteVec::with_capacity(44));
    // A socket for both versions of IP sees IPv4 addresses inside of IPv6 ones.
    let seen = SocketAddr::new(source.ip().to_canonical(), source.port());
    reply.add_attribute(&XorMappedAddress::new(seen, request.transaction_id())).ok()?;
    Some(finish(reply))
}

/// 420 and the attributes that are not understood (RFC 8489, section 6.3.1).
fn refuse(request: &Message<'_>, unknown: &[AttributeType]) -> Option<Vec<u8>> {
    let mut reply = Message::builder_error(request, MessageWriteVec::with_capacity(64));
    reply.add_attribute(&ErrorCode::builder(420).reason("Unknown Attribute").build().ok()?).ok()?;
    reply.add_attribute(&UnknownAttributes::new(unknown)).ok()?;
    Some(finish(reply))
}

fn finish(reply: MessageWriteVec) -> Vec<u8> {
    use stun_types::message::MessageWrite as _;
    reply.finish()
}

/// Whether the length in the header and those of all attributes fit the datagram to the byte. The codec takes datagrams
/// with something behind the message, and what stands behind a signature it does not look at.
fn is_whole(datagram: &[u8]) -> bool {
    if datagram.len() < MessageHeader::LENGTH || datagram.len() > REQUEST_BYTES_MAX {
        return false;
    }
    let (header, mut rest) = datagram.split_at(MessageHeader::LENGTH);
    if usize::from(u16::from_be_bytes([header[2], header[3]])) != rest.len() {
        return false;
    }
    while let Some((head, _)) = rest.split_first_chunk::<ATTRIBUTE_HEADER_BYTES>() {
        let value_bytes = usize::from(u16::from_be_bytes([head[2], head[3]]));
        match rest.get(ATTRIBUTE_HEADER_BYTES + value_bytes.next_multiple_of(4)..) {
            Some(behind) => rest = behind,
            None => return false,
        }
    }
    rest.is_empty()
}
