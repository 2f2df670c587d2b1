//! Records that do not read. They are folded as nothing and listed here, so that one of them stops nobody and none is
//! forgotten.

use std::ops::ControlFlow;

use event_log::Record;
use serde::{Deserialize, Serialize};

use crate::{Order, Rows, ViewFault, range::successor};

/// Rows of parked records live beside the cursors, under view byte 0: this, then the position, big endian.
const PREFIX: &[u8] = &[0, 2];

/// A record that was folded as nothing because its payload does not read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parked {
    /// Where in the log it is.
    pub position: u64,
    /// The kind in its header.
    pub kind: String,
    /// What its reader said. It names places in the payload and quotes nothing of it.
    pub reason: String,
}

impl Parked {
    pub(crate) fn new(record: &Record, reason: String) -> Self {
        Self { position: record.position().0, kind: record.header.kind.clone(), reason }
    }

    /// The row that lists it.
    pub(crate) fn row(&self) -> Result<(Vec<u8>, Vec<u8>), ViewFault> {
        let key = [PREFIX, &self.position.to_be_bytes()].concat();
        let value = serde_json::to_vec(self).map_err(|error| ViewFault::caused("a parked record does not encode", error))?;
        Ok((key, value))
    }
}

/// The first `limit` parked records, in the order of the log.
pub fn parked(rows: &dyn Rows, limit: usize) -> Result<Vec<Parked>, ViewFault> {
    let mut found = Vec::new();
    rows.scan(PREFIX, &successor(PREFIX.to_vec()), Order::Ascending, &mut |_, value| {
        if found.len() == limit {
            return ControlFlow::Break(());
        }
        found.push(serde_json::from_slice(value));
        ControlFlow::Continue(())
    })?;
    let found: Result<Vec<Parked>, _> = found.into_iter().collect();
    found.map_err(|error| ViewFault::caused("the row of a parked record does not decode", error))
}
