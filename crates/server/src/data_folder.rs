//! The data folder: what is where in it, and how it is opened.
//!
//! ```text
//! log/          the record log (RocksDB): the only thing that cannot be made again
//! views/        rows folded from it
//! views.replay  there when the rows are to be folded anew at the next start
//! media/        uploaded bytes, by SHA-256
//! format.json   the format of all this, and the version that has written to it last
//! purged.json   up to where the disk has forgotten what was erased, and since when
//! operator.sock by which `hearth invite` and `hearth user` reach the running server, mode 0600
//! log.key       signs records, mode 0600
//! log.key.next  its successor, while `hearth log rotate-key` runs
//! signing.key   signs PDUs, mode 0600
//! mail/         what is to be sent to people, until a mail server has taken it; mode 0700
//! mail.key      makes the links in it, mode 0600
//! https/        the account with the authority, and the certificate with its key; or the root of a server at home; mode 0600
//! restoring/    what `hearth restore` has made so far, while it runs
//! rehearsal/    the same of a rehearsal
//! verifying/    what a verification of the log has open, while an admin has it done
//! ```
//!
//! A backup holds `log`, `media` and the two keys; the rest is made again.

mod format;

use std::{
    collections::BTreeMap,
    error::Error,
    fs::{self, OpenOptions},
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, Result, bail};
use event_log::{Appender, LogKey, OpenError, PublicKey, Recovery, SystemClock, TreeKeeper};
use event_log_rocksdb::{RocksLog, Settings as LogSettings};
use projection::{Remedy, ViewFault};
use projection_rocksdb::{RocksRows, Settings};
use ruma::signatures::Ed25519KeyPair;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::secret_file::{replace_secret, write_secret};

pub(crate) use format::{VERSION, Written};

const LOG_KEY: &str = "log.key";
const SIGNING_KEY: &str = "signing.key";
/// The version in the key id of PDU signatures, `ed25519:<version>`.
const SIGNING_KEY_VERSION: &str = "1";

/// The note of the last purge.
const PURGED: &str = "purged.json";

/// How far the disk has forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Purged {
    /// What records up to this position have erased has left the disk.
    pub(crate) position: u64,
    /// When, milliseconds since the epoch.
    pub(crate) at_ms: u64,
}

/// A data folder.
#[derive(Clone, Debug)]
pub(crate) struct DataFolder {
    root: PathBuf,
}

impl DataFolder {
    /// The folder at `root`, which need not be there yet.
    pub(crate) fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// Where it is.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Makes the folder, for its owner alone.
    pub(crate) fn create(&self) -> Result<()> {
        fs::create_dir_all(&self.root).with_context(|| format!("the data folder {} cannot be made", self.root.display()))?;
        restrict(&self.root)
    }

    pub(crate) fn log(&self) -> PathBuf {
        self.root.join("log")
    }

    pub(crate) fn views(&self) -> PathBuf {
        self.root.join("views")
    }

    pub(crate) fn media(&self) -> PathBuf {
        self.root.join("media")
    }

    /// Where certificates are kept that the server has fetched.
    pub(crate) fn https(&self) -> PathBuf {
        self.root.join("https")
    }

    /// Where what is to be sent waits.
    pub(crate) fn mail(&self) -> PathBuf {
        self.root.join("mail")
    }

    /// The key of links in mail, made when there is none. It is in no backup: whoever has it can set anybody's password.
    pub(crate) fn mail_key(&self) -> Result<[u8; 32]> {
        let path = self.root.join("mail.key");
        match fs::read(&path) {
            Ok(bytes) => bytes.try_into().ok().with_context(|| {
                format!(
                    "{} does not hold a key. Take it away: a new one is made, and links in mail that is out end.",
                    path.display()
                )
            }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let key: [u8; 32] = rand::random();
                replace_secret(&path, &key)?;
                Ok(key)
            }
            Err(error) => Err(error).with_context(|| format!("{} cannot be read", path.display())),
        }
    }

    pub(crate) fn log_key(&self) -> PathBuf {
        self.root.join(LOG_KEY)
    }

    /// The socket of the server that runs on the folder.
    pub(crate) fn operator_socket(&self) -> PathBuf {
        self.root.join("operator.sock")
    }

    /// Whether another process has the log open for writing.
    #[cfg(unix)]
    pub(crate) fn is_in_use(&self) -> bool {
        // The lock by which RocksDB keeps others out. One that could be had is let go with the file.
        let Ok(file) = OpenOptions::new().write(true).open(self.log().join("LOCK")) else { return false };
        rustix::fs::fcntl_lock(&file, rustix::fs::FlockOperation::NonBlockingLockExclusive).is_err()
    }

    /// Whether another process has the log open for writing; where that cannot be seen, opening it tells.
    #[cfg(not(unix))]
    pub(crate) fn is_in_use(&self) -> bool {
        false
    }

    /// The files of keys as a backup keeps them: their names, and what is in them. `log.key` is the one that has signed last.
    pub(crate) fn keys(&self, log_key: &PublicKey) -> Result<BTreeMap<String, Zeroizing<Vec<u8>>>> {
        let is_rotating = LogKey::read(&self.log_key()).is_ok_and(|key| key.public() != *log_key);
        let log_key = if is_rotating { self.next_log_key() } else { self.log_key() };
        let mut keys = BTreeMap::new();
        for (name, path) in [(LOG_KEY, log_key), (SIGNING_KEY, self.root.join(SIGNING_KEY))] {
            match fs::read(&path) {
                Ok(bytes) => drop(keys.insert(name.to_owned(), Zeroizing::new(bytes))),
                // A log that was imported has signed nothing for others yet.
                Err(error) if error.kind() == std::io::ErrorKind::NotFound && name == SIGNING_KEY => {}
                Err(error) => return Err(error).with_context(|| format!("{} cannot be read", path.display())),
            }
        }
        Ok(keys)
    }

    /// Writes the files of keys into a new folder.
    pub(crate) fn write_keys(&self, keys: &BTreeMap<String, Zeroizing<Vec<u8>>>) -> Result<()> {
        for (name, bytes) in keys.iter().filter(|(name, _)| [LOG_KEY, SIGNING_KEY].contains(&name.as_str())) {
            write_secret(&self.root.join(name), bytes)?;
        }
        Ok(())
    }

    /// What the last purge has noted; nothing where there was none yet.
    pub(crate) fn purged(&self) -> Result<Option<Purged>> {
        let path = self.root.join(PURGED);
        match fs::read(&path) {
            Ok(json) => {
                Ok(Some(serde_json::from_slice(&json).with_context(|| format!("{} does not read", path.display()))?))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| format!("{} cannot be read", path.display())),
        }
    }

    /// Notes a purge.
    pub(crate) fn note_purged(&self, purged: Purged) -> Result<()> {
        replace_secret(&self.root.join(PURGED), &serde_json::to_vec(&purged)?)
    }

    /// Which version has written to the folder last, if it was noted.
    ///
    /// # Errors
    /// The folder has a format that this version does not know.
    pub(crate) fn written(&self) -> Result<Option<Written>> {
        format::read(&self.root)
    }

    fn has_log(&self) -> bool {
        self.log().join("CURRENT").exists()
    }

    /// Opens the log for appending, and its storage, which takes so much `memory`, for upkeep. A second process on the folder is refused.
    pub(crate) fn open_log(&self, origin: &str, memory: LogSettings) -> Result<(Appender, Recovery, Arc<RocksLog>)> {
        self.written()?;
        if self.has_log() && !self.log_key().exists() {
            bail!(
                "{} is missing, and there is a log that it has signed. Put it back from a backup: under another key nobody \
                 could tell this log from a forged one.",
                self.log_key().display()
            );
        }
        let key = LogKey::read_or_create(&self.log_key()).context("the log's key cannot be read or made")?;
        let backend = Arc::new(RocksLog::open_with(self.log(), memory)?);
        let open = |key| Appender::open(backend.clone(), key, origin, Arc::new(SystemClock));
        let (log, recovery) = match open(key) {
            Err(OpenError::OtherKey { .. }) if self.next_log_key().exists() => {
                let opened = open(self.read_next_log_key()?)?;
                self.take_next_log_key()?;
                opened
            }
            opened => opened?,
        };
        // Only whoever has the log open may say so.
        format::note(&self.root)?;
        Ok((log, recovery, backend))
    }

    /// Hands the log to a new key and returns its public half.
    pub(crate) fn rotate_log_key(&self) -> Result<PublicKey> {
        let origin = {
            let scratch = tempfile::tempdir()?;
            self.open_log_to_read(scratch.path())?.reader().origin().to_owned()
        };
        let (log, ..) = self.open_log(&origin, LogSettings::default())?;
        let next = LogKey::generate()?;
        // One that is there belongs to a rotation that was broken off before its record.
        match fs::remove_file(self.next_log_key()) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
        next.write_new(&self.next_log_key()).context("the log's next key cannot be written")?;
        let public = next.public();
        log.rotate_key(next)?.tree().checkpoint()?;
        self.take_next_log_key()?;
        Ok(public)
    }

    /// There while a rotation is under way. When the log is signed by it, the rotation was broken off between its record
    /// and the exchange of the files.
    fn next_log_key(&self) -> PathBuf {
        self.root.join("log.key.next")
    }

    fn read_next_log_key(&self) -> Result<LogKey> {
        LogKey::read(&self.next_log_key()).context("the log's next key cannot be read")
    }

    fn take_next_log_key(&self) -> Result<()> {
        fs::rename(self.next_log_key(), self.log_key()).context("the log's new key cannot take its place")?;
        fs::File::open(&self.root)?.sync_all().context("the data folder cannot be synced")
    }

    /// Opens the log for reading, whether a server runs on the folder or not. `scratch` is for RocksDB's own notes.
    pub(crate) fn open_log_to_read(&self, scratch: &Path) -> Result<TreeKeeper> {
        if !self.log().is_dir() {
            bail!("there is no log in {}; name the data folder with --data", self.root.display());
        }
        self.written()?;
        let key = LogKey::read(&self.log_key()).context("the log's key cannot be read")?;
        let backend = Arc::new(RocksLog::open_secondary(self.log(), scratch)?);
        let open = |key| TreeKeeper::open_read_only(backend.clone(), key, Arc::new(SystemClock));
        match open(key) {
            Err(OpenError::OtherKey { .. }) if self.next_log_key().exists() => Ok(open(self.read_next_log_key()?)?),
            opened => Ok(opened?),
        }
    }

    /// Opens the rows of the views, whose storage takes so much `memory`. Damaged ones are thrown away, for they are folded again from the log.
    pub(crate) fn open_views(&self, memory: Settings) -> Result<RocksRows> {
        let asked = self.replay_asked();
        if asked.exists() && RocksRows::discard(&self.views())? {
            tracing::warn!("the views are folded anew from the log, as `hearth log replay` asked");
            fs::remove_file(&asked).with_context(|| format!("{} cannot be removed", asked.display()))?;
        }
        let opened = match RocksRows::open(&self.views(), memory) {
            Err(fault) if fault.remedy() == Remedy::Rebuild => {
                self.discard_views(&fault)?;
                RocksRows::open(&self.views(), memory)
            }
            opened => opened,
        };
        opened.context("the views do not open; is the server running on this folder?")
    }

    /// Leaves word that the views are to be folded anew at the next start.
    pub(crate) fn ask_for_replay(&self) -> Result<()> {
        let asked = self.replay_asked();
        fs::write(&asked, "").with_context(|| format!("{} cannot be written", asked.display()))
    }

    fn replay_asked(&self) -> PathBuf {
        self.root.join("views.replay")
    }

    /// Deletes the rows of the views because of `fault`, and says so.
    fn discard_views(&self, fault: &ViewFault) -> Result<()> {
        let cause = fault.source().map(ToString::to_string).unwrap_or_default();
        tracing::warn!(views.error = %fault, views.cause = cause, "the views are damaged and are folded anew from the log");
        if !RocksRows::discard(&self.views())? {
            bail!("the views are damaged and in use; is the server running on this folder?");
        }
        Ok(())
    }

    /// The key that signs PDUs, made at first start.
    pub(crate) fn signing_key(&self) -> Result<Ed25519KeyPair> {
        let path = self.root.join(SIGNING_KEY);
        let document = match fs::read(&path) {
            Ok(document) => document,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                if self.has_log() {
                    tracing::warn!(
                        "signing.key was missing and is made anew: what the server signs from now on has another key"
                    );
                }
                let document = Ed25519KeyPair::generate();
                write_secret(&path, &document)?;
                document.to_vec()
            }
            Err(error) => return Err(error).with_context(|| format!("{} cannot be read", path.display())),
        };
        Ed25519KeyPair::from_der(&document, SIGNING_KEY_VERSION.to_owned())
            .with_context(|| format!("{} does not hold a signing key", path.display()))
    }
}

#[cfg(unix)]
fn restrict(folder: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
        .with_context(|| format!("{} cannot be closed to other users", folder.display()))
}

#[cfg(not(unix))]
fn restrict(_: &Path) -> Result<()> {
    Ok(())
}
