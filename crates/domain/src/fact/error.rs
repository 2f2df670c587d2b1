//! Why a fact could not be written or read.

/// A fact could not be written as, or read from, a record's payload.
#[derive(Debug, thiserror::Error)]
pub enum CodecError {
    /// The record was written by a newer version of the server.
    #[error("unknown kind of record {kind} version {version}; it was written by a newer version of the server")]
    UnknownKind {
        /// As in the header.
        kind: String,
        /// As in the header.
        version: u16,
    },
    /// The payload is not what its kind says.
    #[error("the payload of a {kind} record does not read: {source}")]
    Payload {
        /// As in the header.
        kind: String,
        /// What the JSON reader says.
        source: serde_json::Error,
    },
}
