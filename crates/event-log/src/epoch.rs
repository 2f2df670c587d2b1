//! The epoch that a log is in, read from its own records.

use crate::fault::LogFault;
use crate::kinds::{self, Epoch};
use crate::reader::Reader;
use crate::record::{LOG_STREAM, Position};

impl Reader {
    /// The current epoch: 1, and one more after each restore or import.
    ///
    /// # Errors
    /// As [`Reader::read`].
    pub fn epoch(&self) -> Result<u64, LogFault> {
        let mut epoch = 1;
        for page in self.pages(Position(1)).of_stream(LOG_STREAM) {
            for record in page?.iter().filter(|record| record.header.kind == kinds::EPOCH) {
                epoch = kinds::decode::<Epoch>(record.bytes().unwrap_or_default())
                    .map_err(|e| LogFault::Damaged { position: record.position(), what: e.to_string() })?
                    .epoch;
            }
        }
        Ok(epoch)
    }
}
