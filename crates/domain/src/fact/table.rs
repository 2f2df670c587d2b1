//! The codec between facts and record payloads, and the macro that makes it from a table. The table itself is in `fact.rs`.

#[cfg(test)]
pub(super) mod members;

use serde::{Serialize, de::DeserializeOwned};

use super::error::CodecError;

/// A fact as it goes into a record.
#[derive(Debug)]
pub struct Encoded {
    /// The kind in the record's header, for example `room.pdu`.
    pub kind: &'static str,
    /// The version of the kind's payload.
    pub version: u16,
    /// True for password and token hashes: an export leaves the payload out unless asked.
    pub secret: bool,
    /// JSON.
    pub payload: Vec<u8>,
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// As in the record's header, for example `room.pdu`.
    pub name: &'static str,
    /// The version that is written.
    pub version: u16,
    /// Versions that are only read, and become the current one on the way.
    pub older: &'static [u16],
    /// True for password and token hashes.
    pub is_secret: bool,
    /// The word that the names of the fact's streams begin with, for example `room`.
    pub stream: &'static str,
    /// As the compiler hands over a documentation comment: with a space in front.
    pub(super) comment: &'static str,
}

impl Kind {
    /// What the fact says, one sentence.
    #[must_use]
    pub fn says(&self) -> &'static str {
        self.comment.trim()
    }

    /// Every version that is read, and whether it is the current one, newest first.
    pub fn versions(&self) -> impl Iterator<Item = (u16, bool)> {
        [(self.version, true)].into_iter().chain(self.older.iter().map(|version| (*version, false)))
    }
}

/// Makes an enum of facts, its codec and an enum of their areas from a table, one row a kind:
///
/// ```text
/// /// What the area is about.
/// Area(AreaFact) {
///     /// What the fact says, one sentence.
///     Variant(Type) = "kind" v CURRENT CLASS in STREAM, v OLDER => OldType;
/// }
/// ```
///
/// `AreaFact` is an enum of the area's facts, borrowed. Areas are no part of the format: a row may move.
///
/// `CLASS` is `plain` or `secret`. Each older version has a type of its own, which reads its payloads and is converted by
/// `Into<Type>`; it is never written again.
macro_rules! facts {
    (@is_secret plain) => { false };
    (@is_secret secret) => { true };
    (
        $(#[$about:meta])*
        $vis:vis enum $name:ident;
        $(#[$about_areas:meta])*
        $vis_areas:vis enum $areas:ident;
        $(
            $(#[doc = $about_area:literal])+
            $area:ident($of_area:ident) {
                $(
                    $(#[doc = $comment:literal])+
                    $variant:ident($type:ty) = $kind:literal v $version:literal $class:ident in $stream:ident
                    $(, v $old:literal => $old_type:ty)*;
                )+
            }
        )+
    ) => {
        $(#[$about])*
        #[derive(Clone, Debug)]
        $vis enum $name {
            $($($(#[doc = $comment])+ $variant($type),)+)+
        }

        $(#[$about_areas])*
        #[derive(Clone, Copy, Debug)]
        $vis_areas enum $areas<'f> {
            $($(#[doc = $about_area])+ $area($of_area<'f>),)+
        }

        $(
            $(#[doc = $about_area])+
            #[derive(Clone, Copy, Debug)]
            $vis_areas enum $of_area<'f> {
                $($(#[doc = $comment])+ $variant(&'f $type),)+
            }
        )+

        impl $name {
            /// Every kind of fact, with the versions that are read.
            $vis const KINDS: &'static [$crate::fact::table::Kind] = &[$($($crate::fact::table::Kind {
                name: $kind,
                version: $version,
                older: &[$($old),*],
                is_secret: $crate::fact::table::facts!(@is_secret $class),
                stream: stringify!($stream),
                comment: concat!($($comment),+),
            },)+)+];

            /// The fact, in its area.
            #[must_use]
            $vis fn area(&self) -> $areas<'_> {
                match self {
                    $($(Self::$variant(fact) => $areas::$area($of_area::$variant(fact)),)+)+
                }
            }

            /// The members that the current version of each kind reads.
            #[cfg(test)]
            fn members() -> Vec<(&'static str, &'static [&'static str])> {
                vec![$($(($kind, $crate::fact::table::members::members::<$type>()),)+)+]
            }

            /// The fact as a record's kind and payload, in the kind's current version.
            ///
            /// # Errors
            /// Only when a value has no JSON form, which the types of the table rule out.
            $vis fn encode(&self) -> Result<$crate::fact::table::Encoded, $crate::fact::error::CodecError> {
                match self {
                    $($(Self::$variant(fact) => $crate::fact::table::write(
                        $kind,
                        $version,
                        $crate::fact::table::facts!(@is_secret $class),
                        fact,
                    ),)+)+
                }
            }

            /// Reads a fact back from a record's kind, version and payload.
            ///
            /// # Errors
            /// `CodecError` for a kind or version that is not in the table, or a payload that does not read.
            $vis fn decode(kind: &str, version: u16, payload: &[u8]) -> Result<Self, $crate::fact::error::CodecError> {
                match (kind, version) {
                    $($(
                        ($kind, $version) => $crate::fact::table::read(kind, payload).map(Self::$variant),
                        $(($kind, $old) => $crate::fact::table::read::<$old_type>(kind, payload)
                            .map(|old| Self::$variant(old.into())),)*
                    )+)+
                    _ => Err($crate::fact::error::CodecError::UnknownKind { kind: kind.to_owned(), version }),
                }
            }
        }
    };
}

pub(super) use facts;

pub(super) fn write(kind: &'static str, version: u16, secret: bool, fact: &impl Serialize) -> Result<Encoded, CodecError> {
    let payload = serde_json::to_vec(fact).map_err(|source| CodecError::Payload { kind: kind.to_owned(), source })?;
    Ok(Encoded { kind, version, secret, payload })
}

pub(super) fn read<T: DeserializeOwned>(kind: &str, payload: &[u8]) -> Result<T, CodecError> {
    serde_json::from_slice(payload).map_err(|source| CodecError::Payload { kind: kind.to_owned(), source })
}
