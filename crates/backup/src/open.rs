//! A backup that is there: its files checked, its records as one export, its keys and its media.

use std::{
    collections::BTreeMap,
    io::{self, BufRead as _, BufReader, Read, Write},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use event_log::{Erasures, LogKey, Position, Segments, WholeLog, payloads_in_segment};
use flate2::read::GzDecoder;
use zeroize::Zeroizing;

use crate::{
    age::Identity,
    fault::Fault,
    file::{self, Hashing, copy},
    folder::{Folder, medium},
    hex::{self, Digest},
    manifest::{Manifest, Part},
};

/// Bytes of the file of keys, at most.
const KEYS_BYTES_MAX: u64 = 1 << 20;

/// A backup in its folder.
#[derive(Debug)]
pub struct Backup<'a> {
    folder: &'a Folder,
    manifest: Manifest,
    identity: Option<Identity>,
}

impl<'a> Backup<'a> {
    /// The backup of this name, or the newest one. An identity that is not needed is not used.
    ///
    /// # Errors
    /// When there is none, it does not read, or `identity` does not open it.
    pub fn find(folder: &'a Folder, name: Option<&str>, identity: Option<Identity>) -> Result<Self, Fault> {
        let backup = Self::sealed(folder, name)?;
        let Some(recipient) = backup.manifest.recipient.clone() else { return Ok(backup) };
        let identity = identity.ok_or_else(|| Fault::NeedsIdentity(recipient.clone()))?;
        let of = identity.recipient().to_string();
        if of != recipient {
            return Err(Fault::WrongIdentity { recipient, identity: of });
        }
        Ok(Self { identity: Some(identity), ..backup })
    }

    /// The same, of which only the files' hashes can be checked if it is encrypted.
    ///
    /// # Errors
    /// When there is none or it does not read.
    pub fn sealed(folder: &'a Folder, name: Option<&str>) -> Result<Self, Fault> {
        let manifest = match name {
            Some(name) => folder.manifest(name)?,
            None => folder.newest()?.ok_or_else(|| Fault::NoBackup(folder.path("")))?,
        };
        Ok(Self { folder, manifest, identity: None })
    }

    /// What it is made of.
    #[must_use]
    pub const fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    fn parts(&self) -> impl Iterator<Item = (&'static str, &Part)> {
        let segments = self.manifest.segments.iter().map(|segment| ("segments", &segment.file));
        segments.chain([("keys", &self.manifest.keys), ("lists", &self.manifest.media.list)])
    }

    /// Checks the hash of every file but the media, which are checked as they are copied.
    ///
    /// # Errors
    /// The first file that is missing or damaged.
    pub fn check(&self, progress: &mut dyn FnMut(u64, u64)) -> Result<(), Fault> {
        let total = self.parts().count() as u64;
        for (done, (kind, part)) in (1..).zip(self.parts()) {
            let name = self.folder.part(kind, part)?;
            let there = file::hash(self.folder.open(&name, None)?).map_err(|error| self.at(&name, error))?;
            if there != *part {
                return Err(Fault::Damaged {
                    path: self.folder.path(&name),
                    what: "its SHA-256 is another than the manifest's".to_owned(),
                });
            }
            progress(done, total);
        }
        Ok(())
    }

    /// Checks that all media are there, and their hashes where they are not encrypted.
    ///
    /// # Errors
    /// The first one that is missing or damaged.
    pub fn check_media(&self, progress: &mut dyn FnMut(u64, u64)) -> Result<(), Fault> {
        let digests = self.media()?;
        let is_sealed = self.manifest.recipient.is_some() && self.identity.is_none();
        for (done, digest) in (1..).zip(&digests) {
            if is_sealed {
                let name = self.medium(digest);
                self.folder.bytes(&name)?.ok_or_else(|| Fault::Missing(self.folder.path(&name)))?;
            } else {
                self.copy_medium(digest, &mut io::sink())?;
            }
            progress(done, digests.len() as u64);
        }
        Ok(())
    }

    /// What the segments say was erased. Segments that were written before hold it still.
    ///
    /// # Errors
    /// When one does not read.
    pub fn erasures(&self) -> Result<Erasures, Fault> {
        let mut erasures = Erasures::default();
        for segment in &self.manifest.segments {
            let name = self.folder.part("segments", &segment.file)?;
            let content = self.open(&name)?;
            erasures.read(GzDecoder::new(content)).map_err(|error| self.at(&name, error))?;
        }
        Ok(erasures)
    }

    /// The payloads of records of a kind behind a position, in order.
    ///
    /// # Errors
    /// When a segment does not read.
    pub fn payloads(&self, kind: &str, after: Position) -> Result<Vec<Vec<u8>>, Fault> {
        let mut payloads = Vec::new();
        for segment in self.manifest.segments.iter().filter(|segment| segment.last > after) {
            let name = self.folder.part("segments", &segment.file)?;
            let content = GzDecoder::new(self.open(&name)?);
            payloads.extend(payloads_in_segment(content, kind, after).map_err(|error| self.at(&name, error))?);
        }
        Ok(payloads)
    }

    /// All records as one export that `key` signs: the log's own key.
    ///
    /// # Errors
    /// When the manifest does not name its files.
    pub fn export(&self, key: LogKey, erasures: Erasures) -> Result<impl Read + use<>, Fault> {
        let parts = self.manifest.segments.iter().map(|segment| self.folder.part("segments", &segment.file));
        let names = parts.collect::<Result<Vec<_>, Fault>>()?;
        let (store, identity) = (self.folder.store(), self.identity.clone());
        let segments = names.into_iter().map(move |name| {
            let content = file::opened(store.open(&name)?, identity.as_ref())?;
            Ok(Box::new(GzDecoder::new(content)) as Box<dyn Read>)
        });
        let log = WholeLog {
            origin: self.manifest.origin.clone(),
            head: self.manifest.head.clone(),
            version: self.manifest.log_version,
            at_ms: self.manifest.made_at_ms,
        };
        Ok(Segments::new(&log, key, segments, erasures))
    }

    /// The files of keys, by name.
    ///
    /// # Errors
    /// When they do not read.
    pub fn keys(&self) -> Result<BTreeMap<String, Zeroizing<Vec<u8>>>, Fault> {
        let name = self.folder.part("keys", &self.manifest.keys)?;
        let damaged = |what: String| Fault::Damaged { path: self.folder.path(&name), what };
        let mut json = Zeroizing::new(Vec::new());
        self.open(&name)?.take(KEYS_BYTES_MAX).read_to_end(&mut json).map_err(|error| self.at(&name, error))?;
        let texts: BTreeMap<String, String> = serde_json::from_slice(&json).map_err(|error| damaged(error.to_string()))?;
        let keys = texts.into_iter().map(|(name, text)| {
            let text = Zeroizing::new(text);
            Ok((name, Zeroizing::new(STANDARD.decode(text.as_bytes())?)))
        });
        keys.collect::<Result<_, base64::DecodeError>>().map_err(|error| damaged(error.to_string()))
    }

    /// The SHA-256 of all media.
    ///
    /// # Errors
    /// When their list does not read.
    pub fn media(&self) -> Result<Vec<[u8; 32]>, Fault> {
        let name = self.folder.part("lists", &self.manifest.media.list)?;
        let file = self.folder.open(&name, None)?;
        let mut digests = Vec::new();
        for line in BufReader::new(GzDecoder::new(file)).lines() {
            let line = line.map_err(|error| self.at(&name, error))?;
            let wrong = || Fault::Damaged { path: self.folder.path(&name), what: "a line is no SHA-256".to_owned() };
            digests.push(hex::digest(&line).ok_or_else(wrong)?);
        }
        Ok(digests)
    }

    /// Writes the bytes of one, which must be those of its name, and says how many they are.
    ///
    /// # Errors
    /// When they are not there, are others, or cannot be written.
    pub fn copy_medium(&self, digest: &[u8; 32], to: &mut dyn Write) -> Result<u64, Fault> {
        let name = self.medium(digest);
        let mut content = Hashing::new(self.open(&name)?);
        let mut to = to;
        copy(&mut content, &mut to).map_err(|error| self.at(&name, error))?;
        let part = content.part();
        if part.sha256 != hex::of(digest) {
            return Err(Fault::Damaged {
                path: self.folder.path(&name),
                what: "its SHA-256 is another than its name's".to_owned(),
            });
        }
        Ok(part.bytes)
    }

    fn medium(&self, digest: &Digest) -> String {
        medium(self.manifest.recipient.as_deref(), digest)
    }

    fn open(&self, name: &str) -> Result<Box<dyn Read>, Fault> {
        self.folder.open(name, self.identity.as_ref())
    }

    fn at(&self, name: &str, error: io::Error) -> Fault {
        Fault::at(&self.folder.path(name), error)
    }
}
