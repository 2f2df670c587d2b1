//! What can be checked of a record by itself, on any core.

use crate::codec;
use crate::record::Record;

/// Lines or records checked at once.
pub(super) const PAGE: usize = 4_096;

/// A record whose own bytes were checked, without what stands before it.
pub(super) struct Checked {
    pub(super) record: Record,
    pub(super) header: Vec<u8>,
    pub(super) hash: [u8; 32],
    /// What is wrong with the payload, its salt or their digest.
    pub(super) payload: Result<(), &'static str>,
}

impl Checked {
    pub(super) fn new(record: Record) -> Self {
        let header = record.header.encode();
        Self { hash: codec::hash(&header), header, payload: record.check_payload(), record }
    }
}
