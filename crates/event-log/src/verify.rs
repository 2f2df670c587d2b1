//! Checking a log or an export from the first byte to the last: signatures, chain, units, payload digests, erasures,
//! keys, checkpoints. Memory is bounded by a page of records and one bit for each payload that is missing.

mod checked;
mod checker;
mod damage;
mod report;
mod signatures;
mod stored;

use std::io::{self, BufRead, BufReader, Read};

use rayon::prelude::*;
use sha2::{Digest as _, Sha256};

use crate::chain::check_known;
use crate::codec::{self, base64};
use crate::export::Progress;
use crate::fault::AppendError;
use crate::key::PublicKey;
use crate::line::{End, FORMAT, Line, MAX_LINE_BYTES, Manifest, signed_bytes};
use crate::record::{Position, Record};
use crate::store::StoredCheckpoint;
use checked::{Checked, PAGE};
use checker::{Checker, Scope, Wrong};
use signatures::{Signed, first_false};

pub use damage::{Damage, VerifyError};
pub use report::{KeySpan, Report};
pub use stored::{verify_log, verify_log_with, verify_stores};

/// Bytes of lines held at once, at most, but for one line more.
const PAGE_BYTES: usize = 16 << 20;

/// What an export holds, verified, for whoever imports it.
pub(crate) enum Item {
    Record(Box<Record>, [u8; 32]),
    Checkpoint(StoredCheckpoint),
}

/// Takes verified items; an import writes them, verifying drops them.
pub(crate) type Sink<'a> = &'a mut dyn FnMut(Vec<Item>) -> Result<(), AppendError>;

/// Verifies an export, whole or in part.
///
/// # Errors
/// The first damage by position and line, or that the export cannot be read.
pub fn verify_export(reader: impl Read, progress: &mut dyn FnMut(Progress)) -> Result<Report, VerifyError> {
    verify_export_with(reader, &mut |_| (), progress)
}

/// As [`verify_export`]; `read` gets each verified record, in order.
///
/// # Errors
/// As [`verify_export`].
pub fn verify_export_with(
    reader: impl Read,
    read: &mut dyn FnMut(&Record),
    progress: &mut dyn FnMut(Progress),
) -> Result<Report, VerifyError> {
    let mut sink = |items: Vec<Item>| {
        for item in items {
            if let Item::Record(record, _) = item {
                read(&record);
            }
        }
        Ok(())
    };
    verify_lines(reader, &mut |_| Ok(()), &mut sink, progress)
}

/// As [`verify_export`]; `admit` may refuse the manifest, `sink` gets what is verified.
pub(crate) fn verify_lines(
    reader: impl Read,
    admit: &mut dyn FnMut(&Manifest) -> Result<(), String>,
    sink: Sink<'_>,
    progress: &mut dyn FnMut(Progress),
) -> Result<Report, VerifyError> {
    let mut lines = Lines { reader: BufReader::with_capacity(1 << 20, reader), next: 1, bytes: 0 };
    let first = lines.page(1)?;
    let manifest = match first.first() {
        Some(line) => open_manifest(line).and_then(|manifest| admit(&manifest).map(|()| manifest)),
        None => Err("the export is empty".to_owned()),
    };
    let manifest = manifest.map_err(|what| Damage { position: None, line: Some(1), what })?;
    let mut export = Export::new(manifest, first.first().map(Vec::as_slice).unwrap_or_default());
    loop {
        let number = lines.next;
        let page = lines.page(PAGE)?;
        if page.is_empty() {
            let what = "the export is cut off: its last line is missing".to_owned();
            return Err(Damage { position: Some(export.checker.expected()), line: Some(number), what }.into());
        }
        sink(export.page(&page, number)?)?;
        let total = export.total();
        progress(Progress { records: export.checker.records(), total, bytes: lines.bytes });
        if export.ended {
            if !lines.page(1)?.is_empty() {
                let what = "there are lines after the end".to_owned();
                return Err(Damage { position: None, line: Some(lines.next - 1), what }.into());
            }
            return Ok(export.finish(lines.next - 1)?);
        }
    }
}

/// Reads lines of bounded length.
struct Lines<R> {
    reader: BufReader<R>,
    next: u64,
    bytes: u64,
}

impl<R: Read> Lines<R> {
    /// Up to `limit` lines, each with its newline if it has one.
    fn page(&mut self, limit: usize) -> io::Result<Vec<Vec<u8>>> {
        let mut page = Vec::new();
        let mut held = 0;
        while page.len() < limit && held < PAGE_BYTES {
            let mut line = Vec::with_capacity(1_024);
            let read = self.reader.by_ref().take(MAX_LINE_BYTES as u64 + 1).read_until(b'\n', &mut line)?;
            if read == 0 {
                break;
            }
            held += read;
            self.bytes += read as u64;
            self.next += 1;
            page.push(line);
        }
        Ok(page)
    }
}

fn decode_line(line: &[u8]) -> Result<Line, String> {
    let Some(line) = line.strip_suffix(b"\n") else {
        let what = if line.len() > MAX_LINE_BYTES { "the line is too long" } else { "the line is cut off" };
        return Err(what.to_owned());
    };
    Line::decode(line).map_err(|error| error.to_string())
}

fn open_manifest(line: &[u8]) -> Result<Manifest, String> {
    let Line::Manifest { manifest, signature } = decode_line(line)? else {
        return Err("the first line is not a manifest".to_owned());
    };
    if manifest.format != FORMAT {
        return Err(format!("unknown format {}", manifest.format));
    }
    check_known(manifest.version)?;
    let key: PublicKey = manifest.key.parse().map_err(|error: codec::CodecError| error.to_string())?;
    if key.verifies(&signed_bytes(&manifest), &signature) {
        Ok(manifest)
    } else {
        Err("the manifest's signature is wrong".to_owned())
    }
}

/// An export that is being verified.
struct Export {
    manifest: Manifest,
    checker: Checker,
    digest: Sha256,
    ended: bool,
}

/// A line's own check, before it is held against the lines before it.
enum Parsed {
    Record(Box<Checked>),
    Other(Box<Line>),
}

impl Export {
    fn new(manifest: Manifest, first_line: &[u8]) -> Self {
        let Manifest { from, to, version, .. } = manifest;
        let to_the_end = to == manifest.head.position;
        let scope = Scope { from, to, stream: manifest.stream.clone(), to_the_end, version };
        Self { checker: Checker::new(scope), digest: Sha256::new_with_prefix(first_line), ended: false, manifest }
    }

    fn total(&self) -> Option<u64> {
        (self.manifest.stream.is_none() && self.manifest.from == Position(1)).then_some(self.manifest.head.count)
    }

    /// Checks a page: each line by itself on all cores, then their order, then the signatures on all cores.
    fn page(&mut self, page: &[Vec<u8>], number: u64) -> Result<Vec<Item>, Damage> {
        let parsed: Vec<Result<Parsed, String>> = page.par_iter().map(|line| decode_line(line).map(parse)).collect();
        let mut items = Vec::with_capacity(page.len());
        let mut signed = Vec::with_capacity(page.len());
        let mut damage = None;
        for ((parsed, line), number) in parsed.into_iter().zip(page).zip(number..) {
            let expected = self.checker.expected();
            match self.line(parsed, line, number, &mut signed) {
                Ok(item) => items.extend(item),
                Err((position, what)) => {
                    damage = Some(Damage { position: position.or(Some(expected)), line: Some(number), what });
                    break;
                }
            }
        }
        // A false signature stands in an earlier line than anything that ended the loop.
        match first_false(&signed).or(damage) {
            Some(damage) => Err(damage),
            None => Ok(items),
        }
    }

    fn line(
        &mut self,
        parsed: Result<Parsed, String>,
        bytes: &[u8],
        number: u64,
        signed: &mut Vec<Signed>,
    ) -> Result<Option<Item>, Wrong> {
        if self.ended {
            return Err((None, "there are lines after the end".to_owned()));
        }
        let line = match parsed.map_err(|what| (None, what))? {
            Parsed::Record(checked) => {
                let position = checked.record.position();
                let key = self.checker.record(&checked)?;
                let signature = checked.record.signature;
                signed.push(Signed { header: checked.header, signature, key, position, line: Some(number) });
                self.digest.update(bytes);
                return Ok(Some(Item::Record(Box::new(checked.record), checked.hash)));
            }
            Parsed::Other(line) => *line,
        };
        match line {
            Line::Checkpoint(note) => {
                let checkpoint = self.checker.checkpoint(note).map_err(|what| (None, what))?;
                self.digest.update(bytes);
                Ok(Some(Item::Checkpoint(checkpoint)))
            }
            Line::End { end, signature } => {
                self.end(&end, &signature).map_err(|what| (None, what))?;
                self.ended = true;
                Ok(None)
            }
            Line::Manifest { .. } | Line::Record(_) => Err((None, "a second manifest".to_owned())),
        }
    }

    fn end(&self, end: &End, signature: &[u8; 64]) -> Result<(), String> {
        let key: PublicKey = self.manifest.key.parse().map_err(|error: codec::CodecError| error.to_string())?;
        if !key.verifies(&signed_bytes(end), signature) {
            return Err("the last line's signature is wrong".to_owned());
        }
        if end.records != self.checker.records() {
            return Err(format!("{} records where the export was made with {}", self.checker.records(), end.records));
        }
        if end.digest != base64(&self.digest.clone().finalize()) {
            return Err("lines are missing, added or changed: the digest of the whole does not match".to_owned());
        }
        Ok(())
    }

    fn finish(self, line: u64) -> Result<Report, Damage> {
        let (head, key) = (self.manifest.head.clone(), self.manifest.key.clone());
        let whole = self.manifest.to == head.position && self.manifest.stream.is_none();
        let report = self.checker.finish().map_err(|(position, what)| Damage { position, line: Some(line), what })?;
        let damage = |what: &str| Damage { position: Some(report.tip.position), line: Some(line), what: what.to_owned() };
        if whole && (report.tip.count, report.tip.position) != (head.count, head.position) {
            return Err(damage("the export does not reach the end that its manifest names"));
        }
        if whole && base64(&report.tip.hash) != head.hash {
            return Err(damage("the last record is not the one that the manifest names"));
        }
        if report.keys.last().map(|span| span.key.to_string()) != Some(key) {
            return Err(damage("the manifest's key is not the log's"));
        }
        Ok(Report { manifest: Some(self.manifest), ..report })
    }
}

fn parse(line: Line) -> Parsed {
    match line {
        Line::Record(record) => Parsed::Record(Box::new(Checked::new(record))),
        other => Parsed::Other(Box::new(other)),
    }
}
