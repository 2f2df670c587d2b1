//! Making a backup: what is new of the log, the keys, what is new of the media, and last the manifest that names all of it.

use std::{
    collections::BTreeMap,
    io::{self, Read, Write as _},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use event_log::{Head, Progress, Segment, SegmentError, TreeKeeper, write_segment};
use flate2::{Compression, write::GzEncoder};
use zeroize::Zeroizing;

use crate::{
    age::Recipient,
    fault::Fault,
    file::{Hashing, Writing, Written, copy},
    folder::{Folder, medium},
    hex::{self, Digest},
    manifest::{FORMAT, Manifest, MediaPart, Part, Records, VERSION},
};

/// Segments behind each other, at most. Then all records are written anew.
const SEGMENTS_MAX: usize = 2_000;
/// Media that are told of one by one when they are left out, at most.
const LEFT_OUT_TOLD_MAX: usize = 100;

/// Where media bytes lie.
pub trait MediaSource {
    /// The SHA-256 of everything there is.
    ///
    /// # Errors
    /// When it cannot be told.
    fn digests(&self) -> io::Result<Vec<[u8; 32]>>;

    /// The bytes of one; none when they are gone.
    ///
    /// # Errors
    /// When they cannot be read.
    fn open(&self, digest: &[u8; 32]) -> io::Result<Option<Box<dyn Read>>>;
}

/// What is backed up.
pub struct Source<'a> {
    /// The log.
    pub log: &'a TreeKeeper,
    /// The files of keys, by name.
    pub keys: &'a BTreeMap<String, Zeroizing<Vec<u8>>>,
    /// The media.
    pub media: &'a dyn MediaSource,
    /// What makes the backup: a program and its version.
    pub made_by: &'a str,
}

impl std::fmt::Debug for Source<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Source").field("log", &self.log).finish_non_exhaustive()
    }
}

/// How it is done.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Who can open it; nobody named: it is not encrypted.
    pub recipient: Option<Recipient>,
    /// Write all records anew, so that nothing which was erased since is in it.
    pub whole: bool,
    /// Do so if it was done last so long ago, milliseconds.
    pub whole_after_ms: Option<u64>,
    /// Do so as well if the log has a record of this kind that the newest backup does not have: it says that people are forgotten.
    pub whole_after_kind: Option<&'static str>,
}

/// How far it has come.
#[derive(Clone, Copy, Debug)]
pub enum Step {
    /// Records are written.
    Records(Progress),
    /// Media are copied.
    Media {
        /// How many of them are looked at.
        done: u64,
        /// How many there are.
        total: u64,
    },
}

/// A file that is not in the backup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// Its SHA-256.
    pub sha256: String,
    /// Why.
    pub why: &'static str,
}

/// A backup that was made.
#[derive(Clone, Debug)]
pub struct Made {
    /// The backup.
    pub manifest: Manifest,
    /// Bytes that were written for it, without the manifest.
    pub new_bytes: u64,
    /// Records that were written for it.
    pub new_records: u64,
    /// Why all records were written anew; none when only new ones were.
    pub whole: Option<&'static str>,
    /// The first of those that were left out.
    pub left_out: Vec<LeftOut>,
}

/// Makes a backup in `folder`, beside a running server or without one. `now_ms` is the time, milliseconds since the epoch.
///
/// # Errors
/// As [`Fault`] says; there is no new backup then, and those that were there are as they were.
pub fn make(
    folder: &Folder,
    source: &Source<'_>,
    options: &Options,
    now_ms: u64,
    progress: &mut dyn FnMut(Step),
) -> Result<Made, Fault> {
    let (number, newest) = newest(folder)?;
    let mut making = Making { folder, source, options, new_bytes: 0, left_out: Vec::new() };
    let (base, mut whole) = making.base(newest, now_ms)?;
    let written = making.segment(base.as_ref().map(|base| &base.head), progress);
    let (base, written) = match written {
        Err(Fault::Log(SegmentError::Diverged(_))) => {
            whole = Some("the log does not continue the newest backup, as after a restore");
            (None, making.segment(None, progress)?)
        }
        written => (base, written?),
    };
    let new_records = written.as_ref().map_or(0, |(segment, _)| segment.records);
    let (mut segments, at_end) = match &base {
        Some(base) => (base.segments.clone(), Some((base.head.clone(), base.log_version))),
        None => (Vec::new(), None),
    };
    let at_end = written.as_ref().map(|(segment, _)| (segment.head.clone(), segment.version)).or(at_end);
    segments.extend(written.map(|(segment, file)| records(&segment, file)));
    let (head, log_version) =
        at_end.ok_or_else(|| Fault::Damaged { path: folder.path(""), what: "the log has no records".to_owned() })?;
    let keys = making.keys()?;
    // Behind the records: whatever these name was there before, or is erased by now.
    let media = making.media(progress)?;
    let manifest = Manifest {
        format: FORMAT.to_owned(),
        version: VERSION,
        number,
        made_at_ms: now_ms,
        made_by: source.made_by.to_owned(),
        origin: source.log.reader().origin().to_owned(),
        head,
        log_version,
        recipient: options.recipient.map(|recipient| recipient.to_string()),
        keys,
        whole_at_ms: base.map_or(now_ms, |base| base.whole_at_ms),
        segments,
        media,
    };
    folder.keep(&manifest)?;
    Ok(Made { manifest, new_bytes: making.new_bytes, new_records, whole, left_out: making.left_out })
}

/// The number of the next backup, and the newest one that reads. What a crash of the disk has done to one is no reason not to make another.
fn newest(folder: &Folder) -> Result<(u64, Option<Manifest>), Fault> {
    let names = folder.names()?;
    let numbers = names.iter().filter_map(|name| name.split('-').next()?.parse::<u64>().ok());
    let number = numbers.max().unwrap_or(0).saturating_add(1);
    for name in names.iter().rev() {
        match folder.manifest(name) {
            Err(Fault::Manifest { .. }) => {}
            manifest => return Ok((number, Some(manifest?))),
        }
    }
    Ok((number, None))
}

fn records(segment: &Segment, file: Part) -> Records {
    Records { file, first: segment.first, last: segment.head.position, plain_bytes: segment.bytes, records: segment.records }
}

struct Making<'a> {
    folder: &'a Folder,
    source: &'a Source<'a>,
    options: &'a Options,
    new_bytes: u64,
    left_out: Vec<LeftOut>,
}

impl Making<'_> {
    fn at(&self, error: io::Error) -> Fault {
        Fault::at(&self.folder.path(""), error)
    }

    fn recipient(&self) -> Option<String> {
        self.options.recipient.map(|recipient| recipient.to_string())
    }

    /// The backup that this one goes on from, or why all records are written.
    fn base(&self, newest: Option<Manifest>, now_ms: u64) -> Result<(Option<Manifest>, Option<&'static str>), Fault> {
        let Some(base) = newest else { return Ok((None, Some("it is the first one"))) };
        let here = self.source.log.reader().origin();
        if base.origin != here {
            let (path, there) = (self.folder.path(""), base.origin);
            return Err(Fault::OtherServer { path, there, here: here.to_owned() });
        }
        let is_old = |after: u64| now_ms.saturating_sub(base.whole_at_ms) >= after;
        let why = if self.options.whole {
            "it was asked for"
        } else if base.recipient != self.recipient() {
            "the recipient is another one"
        } else if self.options.whole_after_ms.is_some_and(is_old) {
            "the last whole one is old"
        } else if self.has_forgotten(&base)? {
            "somebody was erased since the newest one"
        } else if base.segments.len() >= SEGMENTS_MAX {
            "there are many segments"
        } else if !self.has_segments(&base)? {
            "a segment of the newest backup is missing"
        } else {
            return Ok((Some(base), None));
        };
        Ok((None, Some(why)))
    }

    fn has_forgotten(&self, base: &Manifest) -> Result<bool, Fault> {
        let Some(kind) = self.options.whole_after_kind else { return Ok(false) };
        for page in self.source.log.reader().pages(base.head.position.next()) {
            let page = page.map_err(|fault| Fault::Log(fault.into()))?;
            if page.iter().any(|record| record.header.kind == kind) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn has_segments(&self, base: &Manifest) -> Result<bool, Fault> {
        for segment in &base.segments {
            let name = self.folder.part("segments", &segment.file)?;
            if self.folder.bytes(&name)? != Some(segment.file.bytes) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn segment(&mut self, after: Option<&Head>, progress: &mut dyn FnMut(Step)) -> Result<Option<(Segment, Part)>, Fault> {
        let file = self.folder.begin(self.options.recipient.as_ref()).map_err(|error| self.at(error))?;
        let mut packed = GzEncoder::new(file, Compression::fast());
        let written = write_segment(self.source.log, after, &mut packed, &mut |done| progress(Step::Records(done)));
        let segment = match written {
            Ok(Some(segment)) => segment,
            Ok(None) => return Ok(None),
            Err(SegmentError::Write(error)) => return Err(self.at(error)),
            Err(error) => return Err(error.into()),
        };
        let written = packed.finish().and_then(Writing::finish).map_err(|error| self.at(error))?;
        Ok(Some((segment, self.place("segments", written)?)))
    }

    fn place(&mut self, kind: &str, written: Written) -> Result<Part, Fault> {
        let part = written.part.clone();
        let name = self.folder.part(kind, &part)?;
        if self.folder.bytes(&name)? != Some(part.bytes) {
            self.folder.place(written, &name)?;
            self.new_bytes += part.bytes;
        }
        Ok(part)
    }

    fn keys(&mut self) -> Result<Part, Fault> {
        let texts: BTreeMap<&String, Zeroizing<String>> =
            self.source.keys.iter().map(|(name, bytes)| (name, Zeroizing::new(STANDARD.encode(bytes.as_slice())))).collect();
        let texts: BTreeMap<&String, &str> = texts.iter().map(|(name, text)| (*name, text.as_str())).collect();
        let json = Zeroizing::new(serde_json::to_vec(&texts).map_err(|error| self.at(error.into()))?);
        let written = self.folder.begin(self.options.recipient.as_ref()).and_then(|mut file| {
            file.write_all(&json)?;
            file.finish()
        });
        let written = written.map_err(|error| self.at(error))?;
        self.place("keys", written)
    }

    fn media(&mut self, progress: &mut dyn FnMut(Step)) -> Result<MediaPart, Fault> {
        let mut digests = self.source.media.digests().map_err(|error| self.at(error))?;
        digests.sort_unstable();
        digests.dedup();
        let (mut names, mut bytes, mut left_out) = (Vec::new(), 0, 0_u64);
        let total = digests.len() as u64;
        for (done, digest) in (1..).zip(&digests) {
            match self.medium(digest)? {
                Ok(stored) => {
                    names.extend_from_slice(hex::of(digest).as_bytes());
                    names.push(b'\n');
                    bytes += stored;
                }
                Err(why) => {
                    left_out += 1;
                    if self.left_out.len() < LEFT_OUT_TOLD_MAX {
                        self.left_out.push(LeftOut { sha256: hex::of(digest), why });
                    }
                }
            }
            progress(Step::Media { done, total });
        }
        let written = self.folder.begin(None).and_then(|file| {
            let mut packed = GzEncoder::new(file, Compression::fast());
            packed.write_all(&names)?;
            packed.finish()?.finish()
        });
        let written = written.map_err(|error| self.at(error))?;
        Ok(MediaPart { bytes, count: total - left_out, left_out, list: self.place("lists", written)? })
    }

    /// Bytes that it takes in the folder, or why it is left out.
    fn medium(&mut self, digest: &Digest) -> Result<Result<u64, &'static str>, Fault> {
        let name = medium(self.recipient().as_deref(), digest);
        // It came to its place whole.
        if let Some(stored) = self.folder.bytes(&name)? {
            return Ok(Ok(stored));
        }
        let failed = |error| Fault::at(&self.folder.path(&name), error);
        let Some(bytes) = self.source.media.open(digest).map_err(failed)? else { return Ok(Err("it was erased meanwhile")) };
        let mut bytes = Hashing::new(bytes);
        let mut file = self.folder.begin(self.options.recipient.as_ref()).map_err(failed)?;
        copy(&mut bytes, &mut file).map_err(failed)?;
        if bytes.part().sha256 != hex::of(digest) {
            return Ok(Err("it is damaged in the data folder"));
        }
        let written = file.finish().map_err(failed)?;
        let stored = written.part.bytes;
        self.folder.place(written, &name)?;
        self.new_bytes += stored;
        Ok(Ok(stored))
    }
}
