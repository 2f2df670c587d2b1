//! Writing a log piece by piece, so that a backup need write only what is new. A segment is the lines of an export from one
//! record to another, without the signed lines around them; `segments` makes a whole export of them again.

use std::io::{self, Write};
use std::time::Duration;

use crate::chain::Tip;
use crate::codec::base64;
use crate::export::{Checkpoints, Gone, Progress, checkpoint_line, record_line};
use crate::fault::LogFault;
use crate::keeper::TreeKeeper;
use crate::line::Head;
use crate::reader::Reader;
use crate::record::{Position, Record};

/// Records held in memory at once.
const PAGE: usize = 512;
/// How often to read on for the records that name what was erased meanwhile, and how long to wait for them each time.
const ROUNDS_MAX: usize = 100;
const ROUND: Duration = Duration::from_millis(50);

/// What a segment holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Position of its first record.
    pub first: Position,
    /// The log's end with this segment: its last record.
    pub head: Head,
    /// Version of its last record.
    pub version: u16,
    /// Number of its records.
    pub records: u64,
    /// Bytes of its lines.
    pub bytes: u64,
}

/// Why a segment was not finished. What was written of it is not to be used.
#[derive(Debug, thiserror::Error)]
pub enum SegmentError {
    /// The log could not be read.
    #[error(transparent)]
    Log(#[from] LogFault),
    /// The lines could not be written.
    #[error("the records cannot be written: {0}")]
    Write(#[from] io::Error),
    /// The log does not have the record behind which the segment was to begin: it was restored, or is another one.
    #[error("the log does not go on from position {0}, up to which it was written before")]
    Diverged(Position),
    /// A payload was erased while it was read, and the record that says so did not come.
    #[error("the payload at position {0} was erased meanwhile; try again")]
    ErasedMeanwhile(Position),
}

/// Writes the records behind `after` (none: all) up to the log's end, with the payloads of class `secret`. Nothing comes back when
/// there is no new record. What is appended meanwhile is in only if it says that a payload was erased which was to be written: with
/// all segments before it a segment is the log as it was at one moment. Works on one thread, beside a server or in it.
///
/// # Errors
/// As [`SegmentError`] says.
pub fn write_segment(
    log: &TreeKeeper,
    after: Option<&Head>,
    out: &mut dyn Write,
    progress: &mut dyn FnMut(Progress),
) -> Result<Option<Segment>, SegmentError> {
    let reader = log.reader();
    if let Some(head) = after {
        check_continues(reader, head)?;
    }
    let count = after.map_or(0, |head| head.count);
    let total = reader.tip().count.saturating_sub(count);
    let checkpoints = Checkpoints::new(log.store(), count.saturating_add(1));
    let mut writing = Writing { checkpoints, out, gone: Gone::default(), segment: None };
    let mut next = after.map_or(Position(1), |head| head.position.next());
    for _ in 0..ROUNDS_MAX {
        let to = reader.head();
        for page in reader.pages(next).until(to).sized(PAGE) {
            for record in &page? {
                writing.record(record)?;
            }
            if let Some(Segment { records, bytes, .. }) = writing.segment {
                progress(Progress { records, total: Some(total.max(records)), bytes });
            }
        }
        if writing.gone.first().is_none() {
            writing.out.flush()?;
            return Ok(writing.segment);
        }
        next = next.max(to.next());
        // Beside a server this asks storage where the end is now.
        reader.follow(next).next_page(1, ROUND)?;
    }
    Err(SegmentError::ErasedMeanwhile(writing.gone.first().unwrap_or(next)))
}

fn check_continues(reader: &Reader, head: &Head) -> Result<(), SegmentError> {
    let there = reader.get(head.position)?.map(|record| Tip::of(&record.header));
    let is_same = there.is_some_and(|tip| tip.count == head.count && base64(&tip.hash) == head.hash);
    if is_same { Ok(()) } else { Err(SegmentError::Diverged(head.position)) }
}

struct Writing<'a> {
    checkpoints: Checkpoints<'a>,
    out: &'a mut dyn Write,
    gone: Gone,
    segment: Option<Segment>,
}

impl Writing<'_> {
    fn record(&mut self, record: &Record) -> Result<(), SegmentError> {
        self.gone.see(record);
        let mut lines = record_line(record, true);
        if let Some(checkpoint) = self.checkpoints.at(record.header.count)? {
            lines.extend(checkpoint_line(&checkpoint));
        }
        self.out.write_all(&lines)?;
        let tip = Tip::of(&record.header);
        let before = self.segment.take();
        let (first, records, bytes) = before.map_or((tip.position, 0, 0), |it| (it.first, it.records, it.bytes));
        self.segment = Some(Segment {
            first,
            head: Head { count: tip.count, hash: base64(&tip.hash), position: tip.position },
            version: tip.version,
            records: records + 1,
            bytes: bytes + lines.len() as u64,
        });
        Ok(())
    }
}
