//! The records of a log, or of one stream of it, page by page: the one loop over pages that there is.

use crate::fault::LogFault;
use crate::reader::Reader;
use crate::record::{Position, Record};

/// Records in a page when nobody says otherwise.
const PAGE_RECORDS: usize = 1_000;

/// Pages of records in order; none is empty. Ends at the log's end as it is when it gets there, or after the first error.
#[derive(Debug)]
pub struct Pages {
    reader: Reader,
    stream: Option<String>,
    size: usize,
    /// Where the next page begins; nothing when there is none.
    next: Option<Position>,
    until: Position,
}

impl Pages {
    /// Only the records of this stream.
    #[must_use]
    pub fn of_stream(mut self, stream: impl Into<String>) -> Self {
        self.stream = Some(stream.into());
        self
    }

    /// Only records up to and with this position.
    #[must_use]
    pub const fn until(mut self, last: Position) -> Self {
        self.until = last;
        self
    }

    /// At most so many records in a page, 1 or more.
    #[must_use]
    pub const fn sized(mut self, records: usize) -> Self {
        self.size = if records == 0 { 1 } else { records };
        self
    }
}

impl Reader {
    /// All records from `from` on, page by page, up to the end.
    #[must_use]
    pub fn pages(&self, from: Position) -> Pages {
        Pages { reader: self.clone(), stream: None, size: PAGE_RECORDS, next: Some(from), until: Position(u64::MAX) }
    }
}

impl Iterator for Pages {
    type Item = Result<Vec<Record>, LogFault>;

    fn next(&mut self) -> Option<Self::Item> {
        let from = self.next.take().filter(|from| *from <= self.until)?;
        let mut page = match self.reader.read_known(from, self.size, self.stream.as_deref()) {
            Ok(page) => page,
            Err(fault) => return Some(Err(fault)),
        };
        let goes_on = page.len() >= self.size;
        page.retain(|record| record.position() <= self.until);
        let last = page.last()?.position();
        self.next = goes_on.then(|| last.next());
        Some(Ok(page))
    }
}
