//! A whole export made of segments: what a restore gives to `import`. What later segments say was erased is left out of earlier ones,
//! which were written before.

use std::collections::VecDeque;
use std::io::{self, BufRead as _, BufReader, Read};

use sha2::{Digest as _, Sha256};

use crate::codec::base64;
use crate::erased::PositionSet;
use crate::key::LogKey;
use crate::kinds::{self, Erased, key_text};
use crate::line::{End, FORMAT, Head, Line, MAX_LINE_BYTES, Manifest, push_record, sign_line};
use crate::payload::Payload;
use crate::record::Position;

/// How a record's line begins.
const RECORD: &[u8] = b"{\"header\":";
/// A header's kind and position are within so many bytes of a line: only a kind of [`crate::MAX_KIND_BYTES`] escaped letters is before them.
const HEADER_LOOK_BYTES: usize = 2_048;
/// Bytes that are read at once.
const READ_BYTES: usize = 256 << 10;

/// Positions whose payloads are to be left out.
#[derive(Clone, Debug, Default)]
pub struct Erasures(PositionSet);

impl Erasures {
    /// Takes in what a segment says was erased.
    ///
    /// # Errors
    /// When the segment cannot be read, or a line of it is none.
    pub fn read(&mut self, segment: impl Read) -> io::Result<()> {
        let mut lines = Lines::new(segment);
        while let Some(line) = lines.next()? {
            let Some(record) = is_of_kind(&line, kinds::ERASED).then(|| decode(&line)).transpose()? else { continue };
            let Line::Record(record) = record else { return Err(damaged("a line is not what it begins with")) };
            let payload = record.bytes().unwrap_or_default();
            let erased: Erased = kinds::decode(payload).map_err(|error| damaged(&error.to_string()))?;
            erased.positions.iter().for_each(|position| self.0.insert(*position));
        }
        Ok(())
    }
}

/// The payloads of records of a kind that stand in a segment behind a position, in order.
///
/// # Errors
/// When the segment cannot be read, or a line of it is none.
pub fn payloads_in_segment(segment: impl Read, kind: &str, after: Position) -> io::Result<Vec<Vec<u8>>> {
    let (mut lines, mut payloads) = (Lines::new(segment), Vec::new());
    while let Some(line) = lines.next()? {
        if !is_of_kind(&line, kind) {
            continue;
        }
        let Line::Record(record) = decode(&line)? else { return Err(damaged("a line is not what it begins with")) };
        if record.position() > after {
            payloads.extend(record.bytes().map(<[u8]>::to_vec));
        }
    }
    Ok(payloads)
}

/// Which log the segments are of.
#[derive(Clone, Debug)]
pub struct WholeLog {
    /// Its name.
    pub origin: String,
    /// Its last record.
    pub head: Head,
    /// That record's version.
    pub version: u16,
    /// When the last segment was written, milliseconds since the epoch.
    pub at_ms: u64,
}

/// The bytes of the export, as they are read.
pub struct Segments<S> {
    key: LogKey,
    rest: S,
    current: Option<Lines<Box<dyn Read>>>,
    erasures: Erasures,
    digest: Sha256,
    records: u64,
    has_ended: bool,
    pending: VecDeque<u8>,
}

impl<S> std::fmt::Debug for Segments<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Segments").field("records", &self.records).finish_non_exhaustive()
    }
}

impl<S: Iterator<Item = io::Result<Box<dyn Read>>>> Segments<S> {
    /// The export of `log` from all of its `segments` in order, which `key` signs: the one in force at the head.
    pub fn new(log: &WholeLog, key: LogKey, segments: S, erasures: Erasures) -> Self {
        let manifest = Manifest {
            at_ms: log.at_ms,
            format: FORMAT.to_owned(),
            from: Position(1),
            head: log.head.clone(),
            key: key_text(&key.public()),
            origin: log.origin.clone(),
            secrets: true,
            stream: None,
            to: log.head.position,
            version: log.version,
        };
        let first = sign_line(&key, "manifest", &manifest);
        let digest = Sha256::new_with_prefix(&first);
        let (current, pending) = (None, first.into());
        Self { key, rest: segments, current, erasures, digest, records: 0, has_ended: false, pending }
    }

    /// The next line with its newline; none after the last.
    fn line(&mut self) -> io::Result<Option<Vec<u8>>> {
        while !self.has_ended {
            if self.current.is_none() {
                self.current = self.rest.next().transpose()?.map(Lines::new);
            }
            let Some(lines) = &mut self.current else {
                self.has_ended = true;
                let end = End { digest: base64(&self.digest.clone().finalize()), records: self.records };
                return Ok(Some(sign_line(&self.key, "end", &end)));
            };
            let Some(line) = lines.next()? else {
                self.current = None;
                continue;
            };
            let line = self.without_erased(line)?;
            self.digest.update(&line);
            return Ok(Some(line));
        }
        Ok(None)
    }

    fn without_erased(&mut self, line: Vec<u8>) -> io::Result<Vec<u8>> {
        if !line.starts_with(RECORD) {
            return Ok(line);
        }
        self.records += 1;
        let position = position(&line).ok_or_else(|| damaged("a record names no position"))?;
        if !self.erasures.0.contains(position) {
            return Ok(line);
        }
        let Line::Record(mut record) = decode(&line)? else { return Err(damaged("a line is not what it begins with")) };
        record.payload = Payload::Erased;
        let mut line = Vec::with_capacity(HEADER_LOOK_BYTES);
        push_record(&mut line, &record, true);
        line.push(b'\n');
        Ok(line)
    }
}

impl<S: Iterator<Item = io::Result<Box<dyn Read>>>> Read for Segments<S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.pending.len() < buffer.len() {
            let Some(line) = self.line()? else { break };
            self.pending.extend(line);
        }
        self.pending.read(buffer)
    }
}

/// Lines of bounded length.
struct Lines<R>(BufReader<R>);

impl<R: Read> Lines<R> {
    fn new(segment: R) -> Self {
        Self(BufReader::with_capacity(READ_BYTES, segment))
    }

    fn next(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut line = Vec::with_capacity(1_024);
        self.0.by_ref().take(MAX_LINE_BYTES as u64 + 1).read_until(b'\n', &mut line)?;
        match line.last() {
            None => Ok(None),
            Some(b'\n') => Ok(Some(line)),
            Some(_) => Err(damaged("a line is cut off or too long")),
        }
    }
}

fn decode(line: &[u8]) -> io::Result<Line> {
    Line::decode(line.strip_suffix(b"\n").unwrap_or(line)).map_err(|error| damaged(&error.to_string()))
}

fn damaged(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what.to_owned())
}

/// What stands behind the first `name` in a line's header. A quote within a text is escaped, so that nothing else reads like it.
fn behind<'a>(line: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let look = line.get(..HEADER_LOOK_BYTES).unwrap_or(line);
    let at = look.windows(name.len()).position(|window| window == name)?;
    line.get(at + name.len()..)
}

fn is_of_kind(line: &[u8], kind: &str) -> bool {
    let kind = format!("\"{kind}\"");
    line.starts_with(RECORD) && behind(line, b",\"kind\":").is_some_and(|rest| rest.starts_with(kind.as_bytes()))
}

fn position(line: &[u8]) -> Option<Position> {
    let rest = behind(line, b",\"position\":")?;
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    std::str::from_utf8(rest.get(..digits)?).ok()?.parse().ok().map(Position)
}
