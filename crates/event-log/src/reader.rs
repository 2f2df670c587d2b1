//! Reading a log, by whoever may: the process that writes it, or another one beside it. Nothing is changed here.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::chain::Tip;
use crate::end::End;
use crate::fault::LogFault;
use crate::open_error::OpenError;
use crate::record::{Position, Record};
use crate::recovery;
use crate::store::RecordStore;

/// Headers that are read at once to find a new end: more than the longest unit has.
const HEADERS_PAGE: usize = 4_096;
/// How often storage is asked for news of another process. Nobody announces them there.
const ASK_EVERY: Duration = Duration::from_millis(50);

/// An open log for reading. Cheap to clone; clones know the same end.
#[derive(Clone)]
pub struct Reader {
    inner: Arc<Inner>,
}

struct Inner {
    records: Arc<dyn RecordStore>,
    origin: String,
    end: End,
    /// Whether another process appends, so that storage has to be asked where the end is.
    is_beside: bool,
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader").field("origin", &self.origin()).field("tip", &self.tip()).finish_non_exhaustive()
    }
}

impl Reader {
    /// Opens a log that another process may be writing. No key is needed. The end is the one of now; a
    /// [`Follower`](crate::Follower) moves it.
    ///
    /// # Errors
    /// As [`OpenError`] says.
    pub fn open(records: Arc<dyn RecordStore>) -> Result<Self, OpenError> {
        let tip = recovery::tip_for_reading(records.as_ref())?;
        let origin = recovery::genesis(records.as_ref())?.ok_or(OpenError::Empty)?.origin;
        Ok(Self::new(records, &origin, tip, true))
    }

    /// A log that this process appends to.
    pub(crate) fn of_appender(records: Arc<dyn RecordStore>, origin: &str, tip: Tip) -> Self {
        Self::new(records, origin, tip, false)
    }

    fn new(records: Arc<dyn RecordStore>, origin: &str, tip: Tip, is_beside: bool) -> Self {
        Self { inner: Arc::new(Inner { records, origin: origin.to_owned(), end: End::at(tip), is_beside }) }
    }

    pub(crate) fn records(&self) -> &Arc<dyn RecordStore> {
        &self.inner.records
    }

    pub(crate) fn end(&self) -> &End {
        &self.inner.end
    }

    /// The name of the log.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.inner.origin
    }

    /// Position of the last record.
    #[must_use]
    pub fn head(&self) -> Position {
        self.tip().position
    }

    /// Position, count, time and hash of the last record.
    #[must_use]
    pub fn tip(&self) -> Tip {
        self.inner.end.tip()
    }

    /// Up to `limit` records at or after `from`, in order; nothing after [`Reader::head`], whatever storage may hold there.
    ///
    /// # Errors
    /// When storage does not answer, or holds a damaged record.
    pub fn read(&self, from: Position, limit: usize) -> Result<Vec<Record>, LogFault> {
        self.read_known(from, limit, None)
    }

    /// While an append runs, or after one that failed half-way, storage can hold more than is acknowledged.
    pub(crate) fn read_known(&self, from: Position, limit: usize, stream: Option<&str>) -> Result<Vec<Record>, LogFault> {
        let head = self.head();
        // No more records can stand up to the end; what is behind it, perhaps cut off, is not touched.
        let known = usize::try_from((head.0 + 1).saturating_sub(from.0)).unwrap_or(usize::MAX);
        if known == 0 {
            return Ok(Vec::new());
        }
        let mut records = self.inner.records.read(from, limit.min(known), stream)?;
        records.retain(|record| record.position() <= head);
        Ok(records)
    }

    /// The record at exactly `position`.
    ///
    /// # Errors
    /// As [`Reader::read`].
    pub fn get(&self, position: Position) -> Result<Option<Record>, LogFault> {
        Ok(self.read(position, 1)?.pop().filter(|record| record.position() == position))
    }

    /// Where the first record stands, or would stand, that was written at `at_ms` or later, milliseconds since the epoch.
    ///
    /// # Errors
    /// As [`Reader::read`].
    pub fn position_at(&self, at_ms: u64) -> Result<Position, LogFault> {
        // Times never fall along the log.
        let (mut low, mut high) = (Position::ZERO.next(), self.head().next());
        while low < high {
            let middle = Position(low.0 + (high.0 - low.0) / 2);
            match self.read(middle, 1)?.pop() {
                Some(record) if record.header.at_ms < at_ms => low = record.position().next(),
                _ => high = middle,
            }
        }
        Ok(low)
    }

    /// Waits until there is a record after `position`, or until `deadline`.
    pub(crate) fn wait_beyond(&self, position: Position, deadline: Instant) -> Result<(), LogFault> {
        if !self.inner.is_beside {
            self.inner.end.wait_beyond(position, deadline);
            return Ok(());
        }
        loop {
            let looked = self.look();
            let now = Instant::now();
            let is_passing = matches!(looked, Ok(()) | Err(LogFault::Unavailable(_)));
            if self.head() > position || now >= deadline || !is_passing {
                return looked;
            }
            // Another follower of this reader may find the news first.
            self.inner.end.wait_beyond(position, deadline.min(now + ASK_EVERY));
        }
    }

    /// Asks storage where the log ends now and moves the end there, over whole units only and checking the chain, so that a
    /// log which was set back or exchanged is not taken for the one that was read so far.
    fn look(&self) -> Result<(), LogFault> {
        let mut tip = self.inner.end.lock();
        let head = self.inner.records.head()?.unwrap_or(Position::ZERO);
        if head < tip.position {
            let what = "the log ends before a record that was read from it".to_owned();
            return Err(LogFault::Damaged { position: head.next(), what });
        }
        while tip.position < head {
            let from = tip.position.next();
            // Storage answers for what is up to the head, and for nothing behind it.
            let limit = usize::try_from(head.0 - tip.position.0).unwrap_or(HEADERS_PAGE).min(HEADERS_PAGE);
            let mut headers = match self.inner.records.read_headers(from, limit) {
                // An append that is under way, or that power failed in. What stands before it is whole.
                Err(LogFault::Torn { position }) => {
                    let before = usize::try_from(position.0 - from.0).unwrap_or(limit);
                    self.inner.records.read_headers(from, before)?
                }
                read => read?,
            };
            headers.retain(|header| header.position <= head);
            let Some(last) = headers.iter().rposition(|header| header.rest == 0) else { return Ok(()) };
            for header in headers.iter().take(last + 1) {
                tip.check(header).map_err(|what| LogFault::Damaged { position: header.position, what })?;
                *tip = Tip::of(header);
            }
            self.inner.end.notify();
        }
        Ok(())
    }
}
