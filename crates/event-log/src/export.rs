//! Writing a log, or part of it, as JSON Lines that can be verified without the log.
//!
//! A part is a range of positions or one stream; the log's own records come with every part, because they hold the
//! keys and the erasures that a verifier needs.

use std::collections::VecDeque;
use std::io::{self, Write};

use rayon::prelude::*;
use sha2::{Digest as _, Sha256};

use crate::codec::base64;
use crate::erased::PositionSet;
use crate::fault::LogFault;
use crate::keeper::TreeKeeper;
use crate::kinds::{self, Erased, key_text};
use crate::line::{End, FORMAT, Head, Manifest, push_checkpoint, push_record, sign_line};
use crate::pages::Pages;
use crate::payload::Payload;
use crate::reader::Reader;
use crate::record::{LOG_STREAM, Position, Record};
use crate::store::{StoredCheckpoint, TreeStore};

/// Records held in memory at once.
const PAGE: usize = 512;
/// Checkpoints held in memory at once.
const CHECKPOINT_PAGE: usize = 16;

/// What to export.
#[derive(Clone, Debug, Default)]
pub struct ExportOptions {
    /// First position; the log's first when there is none.
    pub from: Option<Position>,
    /// Last position; the log's last when there is none.
    pub to: Option<Position>,
    /// Only this stream.
    pub stream: Option<String>,
    /// Payloads of class `secret` as well.
    pub secrets: bool,
}

/// How far a long operation has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Records done.
    pub records: u64,
    /// Records in all, as far as is known.
    pub total: Option<u64>,
    /// Bytes read or written.
    pub bytes: u64,
}

/// Why an export was not finished.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The log could not be read.
    #[error(transparent)]
    Log(#[from] LogFault),
    /// The lines could not be written.
    #[error("the export cannot be written: {0}")]
    Write(#[from] io::Error),
    /// A payload was erased between the beginning of the export and the reading of its record, so that the record which
    /// says so is not in. What was written so far does not verify: export again, or from a log that nobody writes.
    #[error("the payload at position {0} was erased while the export was made; export again")]
    ErasedMeanwhile(Position),
    /// Nothing in the log is within the range.
    #[error("no record of the log is in this range")]
    NothingInRange,
}

/// Records from which the next one can be looked at before it is taken.
struct Queue {
    pages: Pages,
    page: VecDeque<Record>,
}

impl Queue {
    fn of(pages: Pages) -> Self {
        Self { pages: pages.sized(PAGE), page: VecDeque::new() }
    }

    fn peek(&mut self) -> Result<Option<Position>, LogFault> {
        if self.page.is_empty() {
            self.page = self.pages.next().transpose()?.unwrap_or_default().into();
        }
        Ok(self.page.front().map(Record::position))
    }
}

/// The records of an export in order: the part asked for and the log's own, each once.
struct Selection {
    part: Queue,
    own: Queue,
}

impl Selection {
    fn next_page(&mut self) -> Result<Vec<Record>, LogFault> {
        let mut page = Vec::with_capacity(PAGE);
        while page.len() < PAGE {
            let (part, own) = (self.part.peek()?, self.own.peek()?);
            let record = match (part, own) {
                (None, None) => break,
                (Some(part), Some(own)) if part == own => {
                    self.own.page.pop_front();
                    self.part.page.pop_front()
                }
                (Some(part), Some(own)) if own < part => self.own.page.pop_front(),
                (None, Some(_)) => self.own.page.pop_front(),
                (Some(_), _) => self.part.page.pop_front(),
            };
            page.extend(record);
        }
        Ok(page)
    }
}

/// Checkpoints in order, page by page.
pub(crate) struct Checkpoints<'a> {
    store: &'a dyn TreeStore,
    next: u64,
    page: VecDeque<StoredCheckpoint>,
}

impl<'a> Checkpoints<'a> {
    pub(crate) const fn new(store: &'a dyn TreeStore, next: u64) -> Self {
        Self { store, next, page: VecDeque::new() }
    }

    /// The checkpoint that covers exactly `size` records; sizes must rise from call to call.
    pub(crate) fn at(&mut self, size: u64) -> Result<Option<StoredCheckpoint>, LogFault> {
        loop {
            if self.page.is_empty() && self.next != u64::MAX {
                self.page = self.store.checkpoints(self.next, CHECKPOINT_PAGE)?.into();
                self.next = self.page.back().map_or(u64::MAX, |last| last.size + 1);
            }
            match self.page.front() {
                Some(front) if front.size < size => drop(self.page.pop_front()),
                Some(front) if front.size == size => return Ok(self.page.pop_front()),
                _ => return Ok(None),
            }
        }
    }
}

/// Counts and digests what goes out.
struct Out<'a> {
    out: &'a mut dyn Write,
    digest: Sha256,
    bytes: u64,
}

impl Out<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.digest.update(bytes);
        self.bytes += bytes.len() as u64;
        self.out.write_all(bytes)
    }
}

/// Payloads that were gone when their record was read, until the record that erased them is met.
#[derive(Default)]
pub(crate) struct Gone(PositionSet);

impl Gone {
    pub(crate) fn see(&mut self, record: &Record) {
        if record.payload == Payload::Erased {
            self.0.insert(record.position());
        } else if record.header.kind == kinds::ERASED
            && let Ok(erased) = kinds::decode::<Erased>(record.bytes().unwrap_or_default())
        {
            erased.positions.iter().for_each(|position| self.0.remove(*position));
        }
    }

    /// The first payload that is gone while no record says so.
    pub(crate) fn first(&self) -> Option<Position> {
        self.0.first()
    }
}

/// Writes the log, or the part that `options` name, and gives back the manifest. What is appended meanwhile is not in.
///
/// # Errors
/// When the log cannot be read, the lines cannot be written, or the range is empty.
pub fn export(
    log: &TreeKeeper,
    options: &ExportOptions,
    out: &mut dyn Write,
    progress: &mut dyn FnMut(Progress),
) -> Result<Manifest, ExportError> {
    let manifest = manifest(log, options)?;
    let part = log.reader().pages(manifest.from).until(manifest.to);
    let dense = manifest.from == Position(1) && manifest.stream.is_none();
    let whole = dense && manifest.to == manifest.head.position;
    let own_until = if whole { Position::ZERO } else { manifest.head.position };
    let mut selection = Selection {
        part: Queue::of(match &manifest.stream {
            Some(stream) => part.of_stream(stream),
            None => part,
        }),
        own: Queue::of(log.reader().pages(Position(1)).of_stream(LOG_STREAM).until(own_until)),
    };
    let mut checkpoints = Checkpoints::new(log.store(), if dense { 0 } else { u64::MAX });
    let mut out = Out { out, digest: Sha256::new(), bytes: 0 };
    out.write(&sign_line(log.key(), "manifest", &manifest))?;
    let total = whole.then_some(manifest.head.count);
    let (mut records, mut gone) = (0, Gone::default());
    let mut page = selection.next_page()?;
    while !page.is_empty() {
        // The next page is read while this one is encoded.
        let encode = || page.par_iter().map(|record| record_line(record, manifest.secrets)).collect::<Vec<_>>();
        let (next, lines) = rayon::join(|| selection.next_page(), encode);
        for (record, line) in page.iter().zip(lines) {
            gone.see(record);
            out.write(&line)?;
            if record.position() <= manifest.to
                && let Some(checkpoint) = checkpoints.at(record.header.count)?
            {
                out.write(&checkpoint_line(&checkpoint))?;
            }
        }
        records += page.len() as u64;
        progress(Progress { records, total, bytes: out.bytes });
        page = next?;
    }
    if let Some(position) = gone.first() {
        return Err(ExportError::ErasedMeanwhile(position));
    }
    let end = End { digest: base64(&out.digest.clone().finalize()), records };
    out.write(&sign_line(log.key(), "end", &end))?;
    out.out.flush()?;
    Ok(manifest)
}

pub(crate) fn record_line(record: &Record, secrets: bool) -> Vec<u8> {
    let mut line = Vec::with_capacity(768 + record.bytes().map_or(0, <[u8]>::len));
    push_record(&mut line, record, secrets);
    line.push(b'\n');
    line
}

pub(crate) fn checkpoint_line(checkpoint: &StoredCheckpoint) -> Vec<u8> {
    let mut line = Vec::new();
    push_checkpoint(&mut line, &checkpoint.note);
    line.push(b'\n');
    line
}

/// The range is narrowed to records that are there, so that a verifier can demand its first and its last.
fn manifest(log: &TreeKeeper, options: &ExportOptions) -> Result<Manifest, ExportError> {
    let reader = log.reader();
    let tip = reader.tip();
    let from = options.from.unwrap_or(Position(1)).max(Position(1));
    let to = options.to.unwrap_or(tip.position).min(tip.position);
    let first = reader.read(from, 1)?.pop().map(|record| record.position());
    let from = first.filter(|first| *first <= to).ok_or(ExportError::NothingInRange)?;
    let to = last_at_or_before(reader, from, to)?;
    Ok(Manifest {
        at_ms: log.now_ms(),
        format: FORMAT.to_owned(),
        from,
        head: Head { count: tip.count, hash: base64(&tip.hash), position: tip.position },
        key: key_text(&log.public_key()),
        origin: reader.origin().to_owned(),
        secrets: options.secrets,
        stream: options.stream.clone(),
        to,
        version: tip.version,
    })
}

/// Positions may have gaps: the greatest that is there, found by halving.
fn last_at_or_before(reader: &Reader, from: Position, to: Position) -> Result<Position, LogFault> {
    let (mut low, mut high) = (from, to);
    while low < high {
        let middle = Position(high.0 - (high.0 - low.0) / 2);
        match reader.read(middle, 1)?.pop().map(|record| record.position()).filter(|found| *found <= to) {
            Some(found) => low = found,
            None => high = Position(middle.0 - 1),
        }
    }
    Ok(low)
}
