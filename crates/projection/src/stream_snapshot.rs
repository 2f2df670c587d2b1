//! States folded from one stream, kept as rows beside the views, so that whoever needs such a state folds only what came
//! after. Not a view: a snapshot is written by whoever has the state, and may be missing or passed over at any time.

use std::ops::ControlFlow;

use event_log::{Position, Reader, Record};

use crate::{Order, Rows, ViewFault, Writes, range::successor};

/// Snapshots live beside the cursors, under view byte 0: this, then the name of the stream.
const PREFIX: &[u8] = &[0, 4];

/// The state of a stream as of one of its records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamSnapshot {
    /// The version of the code that folded it.
    pub version: u32,
    /// The last record that was folded.
    pub position: Position,
    /// The hash of that record's header. It covers all records before it, so it says which log was folded.
    pub hash: [u8; 32],
    /// The state, in whatever form.
    pub state: Vec<u8>,
}

impl StreamSnapshot {
    pub(crate) fn key(stream: &str) -> Vec<u8> {
        [PREFIX, stream.as_bytes()].concat()
    }

    /// The snapshot of `stream`; `None` when there is none, or a row that does not read.
    pub fn of(rows: &dyn Rows, stream: &str) -> Result<Option<Self>, ViewFault> {
        Ok(rows.get(&Self::key(stream))?.and_then(|row| Self::decode(&row)))
    }

    /// The names of the streams that have a snapshot, in order.
    pub fn streams(rows: &dyn Rows) -> Result<Vec<String>, ViewFault> {
        let mut streams = Vec::new();
        rows.scan(PREFIX, &successor(PREFIX.to_vec()), Order::Ascending, &mut |key, _| {
            let name = key.get(PREFIX.len()..).unwrap_or_default();
            streams.push(String::from_utf8_lossy(name).into_owned());
            ControlFlow::Continue(())
        })?;
        Ok(streams)
    }

    /// Adds the row that replaces the snapshot of `stream`.
    pub fn put(&self, writes: &mut Writes, stream: &str) {
        let (version, position) = (self.version.to_be_bytes(), self.position.0.to_be_bytes());
        let row = [version.as_slice(), &position, &self.hash, &self.state].concat();
        writes.insert(Self::key(stream), Some(row));
    }

    /// Adds the deletion of the snapshot of `stream`.
    pub fn remove(writes: &mut Writes, stream: &str) {
        writes.insert(Self::key(stream), None);
    }

    /// Whether `log` has the very record that this snapshot ends with, in that stream.
    pub fn is_of(&self, log: &Reader, stream: &str) -> Result<bool, ViewFault> {
        let record = log.get(self.position).map_err(|fault| ViewFault::of_log(self.position, fault))?;
        let is_same = |record: &Record| record.header.stream == stream && record.header.hash() == self.hash;
        Ok(record.as_ref().is_some_and(is_same))
    }

    fn decode(row: &[u8]) -> Option<Self> {
        let (version, row) = row.split_first_chunk()?;
        let (position, row) = row.split_first_chunk()?;
        let (hash, state) = row.split_first_chunk()?;
        let (version, position) = (u32::from_be_bytes(*version), Position(u64::from_be_bytes(*position)));
        Some(Self { version, position, hash: *hash, state: state.to_vec() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{MemoryRows, RowStore};

    #[test]
    fn a_row_reads_as_it_was_written_and_a_torn_one_does_not() {
        let snapshot = StreamSnapshot { version: 3, position: Position(70_000), hash: [7; 32], state: b"{}".to_vec() };
        let (rows, mut writes) = (MemoryRows::new(), Writes::new());
        snapshot.put(&mut writes, "room:!a:h");
        writes.insert(StreamSnapshot::key("torn"), Some(vec![0; 43]));
        rows.commit(&writes).unwrap();
        let rows = rows.snapshot();
        assert_eq!(StreamSnapshot::of(&*rows, "room:!a:h").unwrap(), Some(snapshot));
        assert_eq!(StreamSnapshot::of(&*rows, "torn").unwrap(), None);
        assert_eq!(StreamSnapshot::of(&*rows, "room:!a").unwrap(), None);
        assert_eq!(StreamSnapshot::streams(&*rows).unwrap(), ["room:!a:h", "torn"]);
    }
}
