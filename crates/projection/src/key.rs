//! Row keys: tuples of up to four parts, encoded so that the order of the bytes is the order of the tuples.
//!
//! Integers are big endian. A string ends with a zero byte; a zero or one inside it is escaped by a one, so no encoded
//! string is the beginning of another and `("a", "bc")` differs from `("ab", "c")`. The encoding of the first parts
//! of a tuple is therefore the beginning of exactly the keys that have these parts.
//! Not self-describing: a table is read with the key type it was written with.

use event_log::Position;

const STRING_END: u8 = 0;
const ESCAPE: u8 = 1;

/// One part of a key, borrowed or owned, that can be written.
pub trait EncodePart {
    /// What the part is decoded to.
    type Owned;

    /// Appends the encoded part. No encoding may be the beginning of another one of the same type.
    fn encode_part(&self, out: &mut Vec<u8>);
}

/// One part of a key that can be read back.
pub trait KeyPart: Sized {
    /// Takes one part off the front of `input`; `None` when the bytes are not of this type.
    fn decode_part(input: &mut &[u8]) -> Option<Self>;
}

/// A whole key, or the first parts of one, that can be written: a single part or a tuple of one to four.
pub trait EncodeKey {
    /// What the key is decoded to.
    type Owned;

    /// Appends the encoded key.
    fn encode(&self, out: &mut Vec<u8>);
}

/// A whole key that can be read back: a single part or a tuple of one to four.
pub trait RowKey: Sized {
    /// The key in `input`; `None` when the bytes are not of this type or there are too many of them.
    fn decode(input: &[u8]) -> Option<Self>;
}

impl<T: EncodePart + ?Sized> EncodePart for &T {
    type Owned = T::Owned;

    fn encode_part(&self, out: &mut Vec<u8>) {
        (**self).encode_part(out);
    }
}

impl<T: EncodeKey + ?Sized> EncodeKey for &T {
    type Owned = T::Owned;

    fn encode(&self, out: &mut Vec<u8>) {
        (**self).encode(out);
    }
}

/// Appends `text` escaped but not ended: the beginning of every string that begins with `text`.
pub(crate) fn encode_text(text: &str, out: &mut Vec<u8>) {
    for &byte in text.as_bytes() {
        if byte <= ESCAPE {
            out.extend_from_slice(&[ESCAPE, byte + 1]);
        } else {
            out.push(byte);
        }
    }
}

impl EncodePart for str {
    type Owned = String;

    fn encode_part(&self, out: &mut Vec<u8>) {
        if self.bytes().any(|byte| byte <= ESCAPE) {
            encode_text(self, out);
        } else {
            out.extend_from_slice(self.as_bytes());
        }
        out.push(STRING_END);
    }
}

impl EncodePart for String {
    type Owned = String;

    fn encode_part(&self, out: &mut Vec<u8>) {
        self.as_str().encode_part(out);
    }
}

impl KeyPart for String {
    fn decode_part(input: &mut &[u8]) -> Option<Self> {
        let end = input.iter().position(|&byte| byte == STRING_END)?;
        let (text, rest) = input.split_at(end);
        *input = rest.get(1..)?;
        if !text.contains(&ESCAPE) {
            return String::from_utf8(text.to_vec()).ok();
        }
        let mut plain = Vec::with_capacity(text.len());
        let mut bytes = text.iter();
        while let Some(&byte) = bytes.next() {
            plain.push(match byte {
                ESCAPE => match bytes.next()? {
                    1 => 0,
                    2 => 1,
                    _ => return None,
                },
                other => other,
            });
        }
        String::from_utf8(plain).ok()
    }
}

/// Unsigned integers are their big-endian bytes.
macro_rules! unsigned_part {
    ($($integer:ty),+) => {$(
        impl EncodePart for $integer {
            type Owned = $integer;

            fn encode_part(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_be_bytes());
            }
        }

        impl KeyPart for $integer {
            fn decode_part(input: &mut &[u8]) -> Option<Self> {
                let (bytes, rest) = input.split_first_chunk()?;
                *input = rest;
                Some(Self::from_be_bytes(*bytes))
            }
        }
    )+};
}

unsigned_part!(u8, u16, u32, u64);

impl EncodePart for i64 {
    type Owned = i64;

    fn encode_part(&self, out: &mut Vec<u8>) {
        // Flipping the sign bit puts negative numbers before positive ones.
        (self.cast_unsigned() ^ (1 << 63)).encode_part(out);
    }
}

impl KeyPart for i64 {
    fn decode_part(input: &mut &[u8]) -> Option<Self> {
        Some((u64::decode_part(input)? ^ (1 << 63)).cast_signed())
    }
}

impl EncodePart for bool {
    type Owned = bool;

    fn encode_part(&self, out: &mut Vec<u8>) {
        out.push(u8::from(*self));
    }
}

impl KeyPart for bool {
    fn decode_part(input: &mut &[u8]) -> Option<Self> {
        match u8::decode_part(input)? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
}

impl EncodePart for Position {
    type Owned = Position;

    fn encode_part(&self, out: &mut Vec<u8>) {
        self.0.encode_part(out);
    }
}

impl KeyPart for Position {
    fn decode_part(input: &mut &[u8]) -> Option<Self> {
        u64::decode_part(input).map(Position)
    }
}

/// A single part is a key too, without the brackets of a one-tuple; both are the same bytes.
macro_rules! single_key {
    ($($part:ty),+) => {$(
        impl EncodeKey for $part {
            type Owned = <$part as EncodePart>::Owned;

            fn encode(&self, out: &mut Vec<u8>) {
                self.encode_part(out);
            }
        }
    )+};
}

single_key!(str, String, u8, u16, u32, u64, i64, bool, Position);

macro_rules! single_row_key {
    ($($part:ty),+) => {$(
        impl RowKey for $part {
            fn decode(mut input: &[u8]) -> Option<Self> {
                let part = <$part>::decode_part(&mut input)?;
                input.is_empty().then_some(part)
            }
        }
    )+};
}

single_row_key!(String, u8, u16, u32, u64, i64, bool, Position);

/// The empty tuple is the key of a table that has one row.
impl EncodeKey for () {
    type Owned = ();

    fn encode(&self, _out: &mut Vec<u8>) {}
}

impl RowKey for () {
    fn decode(input: &[u8]) -> Option<Self> {
        input.is_empty().then_some(())
    }
}

macro_rules! tuple_key {
    ($($part:ident $index:tt),+) => {
        impl<$($part: EncodePart),+> EncodeKey for ($($part,)+) {
            type Owned = ($($part::Owned,)+);

            fn encode(&self, out: &mut Vec<u8>) {
                $(self.$index.encode_part(out);)+
            }
        }

        impl<$($part: KeyPart),+> RowKey for ($($part,)+) {
            fn decode(mut input: &[u8]) -> Option<Self> {
                let key = ($($part::decode_part(&mut input)?,)+);
                input.is_empty().then_some(key)
            }
        }
    };
}

tuple_key!(A 0);
tuple_key!(A 0, B 1);
tuple_key!(A 0, B 1, C 2);
tuple_key!(A 0, B 1, C 2, D 3);
