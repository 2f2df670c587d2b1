//! Following a log: every record once and in order, as it is appended. The follower may live in the process that appends, where it is
//! woken, or in another one on the same storage, where it asks again and again.

use std::time::{Duration, Instant};

use crate::fault::LogFault;
use crate::reader::Reader;
use crate::record::{Position, Record};

/// A place in a log from which somebody reads on.
#[derive(Debug)]
pub struct Follower {
    reader: Reader,
    next: Position,
}

impl Follower {
    /// The next records, at most `limit` (1 or more). At the end of the log it waits for more, at most so long; then the page
    /// is empty, and it may be called again. A follower in another process sees a unit whole or not at all, and may see it a
    /// moment before its sync is over: should power fail in that moment, the next call says that the log was set back.
    ///
    /// # Errors
    /// When storage does not answer ([`LogFault::Unavailable`]: try again), or the records no longer continue those read before.
    pub fn next_page(&mut self, limit: usize, at_most: Duration) -> Result<Vec<Record>, LogFault> {
        let deadline = Instant::now() + at_most;
        let mut page = self.reader.read(self.next, limit.max(1))?;
        if page.is_empty() {
            let last = Position(self.next.0.saturating_sub(1));
            self.reader.wait_beyond(last, deadline)?;
            page = self.reader.read(self.next, limit.max(1))?;
        }
        if let Some(last) = page.last() {
            self.next = last.position().next();
        }
        Ok(page)
    }
}

impl Reader {
    /// The records from `from` on, for as long as somebody wants more: waits at the end for what is appended, by this
    /// process or by another one.
    #[must_use]
    pub fn follow(&self, from: Position) -> Follower {
        Follower { reader: self.clone(), next: from }
    }
}
