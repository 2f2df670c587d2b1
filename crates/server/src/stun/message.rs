//! STUN's wire format (RFC 8489, sections 5 and 14), as far as a server without passwords needs it: it reads requests and
//! writes the two kinds of answer. It makes no decisions.

use std::net::{IpAddr, SocketAddr};

/// Bytes before the attributes.
const HEADER_BYTES: usize = 20;
/// Bytes of an attribute's type and length.
const ATTRIBUTE_HEADER_BYTES: usize = 4;
/// Stands in every message since RFC 5389.
pub(super) const COOKIE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];

pub(super) const BINDING_REQUEST: [u8; 2] = [0x00, 0x01];
pub(super) const BINDING_SUCCESS: [u8; 2] = [0x01, 0x01];
const BINDING_ERROR: [u8; 2] = [0x01, 0x11];

pub(super) const MAPPED_ADDRESS: u16 = 0x0001;
pub(super) const USERNAME: u16 = 0x0006;
pub(super) const MESSAGE_INTEGRITY: u16 = 0x0008;
pub(super) const ERROR_CODE: u16 = 0x0009;
pub(super) const UNKNOWN_ATTRIBUTES: u16 = 0x000a;
pub(super) const REALM: u16 = 0x0014;
pub(super) const NONCE: u16 = 0x0015;
pub(super) const MESSAGE_INTEGRITY_SHA256: u16 = 0x001c;
pub(super) const PASSWORD_ALGORITHM: u16 = 0x001d;
pub(super) const USERHASH: u16 = 0x001e;
pub(super) const XOR_MAPPED_ADDRESS: u16 = 0x0020;
const FINGERPRINT: u16 = 0x8028;

/// Types from here on may be ignored by those who do not know them.
const OPTIONAL: u16 = 0x8000;
/// Tells a fingerprint from the checksum of another protocol.
const FINGERPRINT_MASK: u32 = 0x5354_554e;
/// The families of addresses.
const IPV4: u8 = 1;
const IPV6: u8 = 2;

/// A well-formed binding request.
pub(super) struct Request<'a> {
    /// Chosen by the client, which knows the answer by it.
    transaction: &'a [u8; 12],
    /// The types of its attributes, without those that must be ignored because they stand behind a signature.
    kinds: Vec<u16>,
}

impl<'a> Request<'a> {
    /// Reads a datagram; none when it is anything but a binding request whose lengths fit to the byte. A fingerprint must
    /// be right and last.
    pub(super) fn read(datagram: &'a [u8]) -> Option<Self> {
        let (header, attributes) = datagram.split_first_chunk::<HEADER_BYTES>()?;
        let (kind, rest) = header.split_first_chunk::<2>()?;
        let (length, rest) = rest.split_first_chunk::<2>()?;
        let (cookie, transaction) = rest.split_first_chunk::<4>()?;
        if *kind != BINDING_REQUEST || *cookie != COOKIE || usize::from(u16::from_be_bytes(*length)) != attributes.len() {
            return None;
        }
        let mut request = Self { transaction: transaction.try_into().ok()?, kinds: Vec::new() };
        let mut rest = attributes;
        let mut is_signed = false;
        while !rest.is_empty() {
            let before = datagram.get(..datagram.len() - rest.len())?;
            let (kind, value, behind) = attribute(rest)?;
            if kind == FINGERPRINT {
                let is_right = behind.is_empty() && value == fingerprint(before);
                return is_right.then_some(request);
            }
            // Anybody can add something behind a signature, which does not cover it (section 14.5).
            if !is_signed {
                request.kinds.push(kind);
            }
            is_signed |= kind == MESSAGE_INTEGRITY || kind == MESSAGE_INTEGRITY_SHA256;
            rest = behind;
        }
        Some(request)
    }

    /// The types of the attributes that whoever answers must understand.
    pub(super) fn required(&self) -> impl Iterator<Item = u16> {
        self.kinds.iter().copied().filter(|kind| *kind < OPTIONAL)
    }

    /// The answer that says where the request came from.
    pub(super) fn success(&self, seen: SocketAddr) -> Vec<u8> {
        // The address is mixed with the cookie and the transaction, so that no router on the way rewrites it.
        let mask = [&COOKIE[..], self.transaction].concat();
        let mixed = |bytes: &[u8]| bytes.iter().zip(&mask).map(|(byte, mask)| byte ^ mask).collect::<Vec<_>>();
        let (family, address) = match seen.ip() {
            IpAddr::V4(v4) => (IPV4, mixed(&v4.octets())),
            IpAddr::V6(v6) => (IPV6, mixed(&v6.octets())),
        };
        let value = [&[0, family], &mixed(&seen.port().to_be_bytes())[..], &address].concat();
        self.reply(BINDING_SUCCESS, &[(XOR_MAPPED_ADDRESS, &value)])
    }

    /// The answer that the request was not understood because of these attributes (section 6.3.1).
    pub(super) fn not_understood(&self, kinds: &[u16]) -> Vec<u8> {
        const CODE: [u8; 4] = [0, 0, 4, 20];
        let error = [&CODE, &b"Unknown Attribute"[..]].concat();
        let kinds: Vec<u8> = kinds.iter().flat_map(|kind| kind.to_be_bytes()).collect();
        self.reply(BINDING_ERROR, &[(ERROR_CODE, &error), (UNKNOWN_ATTRIBUTES, &kinds)])
    }

    /// Values are short enough for every length here: those of the two answers above, with a handful of types at most.
    fn reply(&self, kind: [u8; 2], attributes: &[(u16, &[u8])]) -> Vec<u8> {
        let length = |bytes: usize| u16::try_from(bytes).unwrap_or(u16::MAX).to_be_bytes();
        let mut body = Vec::with_capacity(64);
        for (kind, value) in attributes {
            body.extend(kind.to_be_bytes());
            body.extend(length(value.len()));
            body.extend_from_slice(value);
            body.resize(body.len().next_multiple_of(4), 0);
        }
        [&kind[..], &length(body.len()), &COOKIE, self.transaction, &body].concat()
    }
}

/// The type and the value of the first attribute, and what is behind it and its padding.
fn attribute(bytes: &[u8]) -> Option<(u16, &[u8], &[u8])> {
    let (&[kind_high, kind_low, high, low], rest) = bytes.split_first_chunk::<ATTRIBUTE_HEADER_BYTES>()?;
    let value_bytes = usize::from(u16::from_be_bytes([high, low]));
    let behind = rest.get(value_bytes.next_multiple_of(4)..)?;
    Some((u16::from_be_bytes([kind_high, kind_low]), rest.get(..value_bytes)?, behind))
}

/// The fingerprint of a message that ends with it, from what stands before it (section 14.7).
fn fingerprint(before: &[u8]) -> [u8; 4] {
    (crc32fast::hash(before) ^ FINGERPRINT_MASK).to_be_bytes()
}
