//! The folder of backups: what is where in it.
//!
//! ```text
//! backups/NUMBER-TIME.json     a manifest: one backup
//! segments/SHA-256             records, as lines of an export, gzip
//! keys/SHA-256                 the keys of the server
//! lists/SHA-256                the names of a backup's media, gzip
//! media/FOR/ab/SHA-256         a file, FOR `clear` or the first letters of the recipient's hash
//! aside/                       what is not whole yet
//! lock                         held by whoever writes or reads
//! ```
//!
//! A bucket has the same, but for the last two: these lie in a folder of this machine. It has `backups/bucket` in addition, by which it is
//! known to be one of backups before there is any.
//!
//! Files are named by the SHA-256 of what lies in them, media by that of what was uploaded. Manifests, lists and names are in clear also
//! where the rest is encrypted.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use sha2::{Digest as _, Sha256};

use crate::{
    age::{Identity, Recipient},
    fault::Fault,
    file::{Writing, Written, make_folder, opened},
    hex::{self, Digest},
    manifest::{FORMAT, MANIFEST_BYTES_MAX, Manifest, Part, VERSION},
    store::{Disk, Listed, Store},
};

/// Manifests that are looked at, at most.
const BACKUPS_MAX: usize = 10_000;
/// Names in a message, at most.
const NAMED_MAX: usize = 10;
/// By which a bucket is known.
const MARK: &str = "backups/bucket";

/// The folder or bucket, locked as long as this lives.
#[derive(Debug)]
pub struct Folder {
    store: Arc<dyn Store>,
    aside: PathBuf,
    _lock: Option<File>,
}

impl Folder {
    /// The folder at `root` to write into; it is made if it is not there.
    ///
    /// # Errors
    /// When it holds something else, cannot be made, or somebody else is at work in it.
    pub fn to_write(root: impl Into<PathBuf>) -> Result<Self, Fault> {
        let root = root.into();
        let failed = |error| Fault::at(&root, error);
        // Before anything is done to it: somebody may have named a wrong one.
        let is_ours =
            !root.exists() || root.join("backups").is_dir() || fs::read_dir(&root).map_err(failed)?.next().is_none();
        if !is_ours {
            return Err(Fault::NotOurs(root));
        }
        make_folder(&root).map_err(failed)?;
        for name in ["backups", "segments", "keys", "lists", "media", "aside"] {
            make_folder(&root.join(name)).map_err(failed)?;
        }
        let lock = lock_to_write(&root)?;
        let folder = Self { aside: root.join("aside"), store: Arc::new(Disk::new(root)), _lock: Some(lock) };
        folder.clear_aside()?;
        Ok(folder)
    }

    /// The folder at `root` to read from, which may be on a medium that takes no writes.
    ///
    /// # Errors
    /// When there is none, or somebody writes into it.
    pub fn to_read(root: impl Into<PathBuf>) -> Result<Self, Fault> {
        let root = root.into();
        if !root.join("backups").is_dir() {
            return Err(Fault::NoBackup(root));
        }
        let lock = File::open(root.join("lock")).ok();
        if let Some(lock) = &lock
            && !fs4::fs_std::FileExt::try_lock_shared(lock).map_err(|error| Fault::at(&root, error))?
        {
            return Err(Fault::Busy(root));
        }
        Ok(Self { aside: root.join("aside"), store: Arc::new(Disk::new(root)), _lock: lock })
    }

    /// A bucket to write into. `near` is a folder of this machine for what is not whole yet, and for the lock: of two servers that write into
    /// one bucket nobody keeps the other out.
    ///
    /// # Errors
    /// As [`Folder::to_write`].
    pub fn of_bucket(store: Arc<dyn Store>, near: &Path) -> Result<Self, Fault> {
        let failed = |error| Fault::at(near, error);
        let aside = near.join("aside");
        make_folder(&aside).map_err(failed)?;
        let lock = lock_to_write(near)?;
        let folder = Self { store, aside, _lock: Some(lock) };
        folder.clear_aside()?;
        if !folder.list("backups")?.is_empty() {
            return Ok(folder);
        }
        let place = folder.path("");
        if !folder.store.is_empty().map_err(|error| Fault::at(&place, error))? {
            return Err(Fault::NotOurs(place));
        }
        let mut mark = folder.begin(None).map_err(failed)?;
        mark.write_all(b"Backups of a Hearth server.\n").map_err(failed)?;
        folder.place(mark.finish().map_err(failed)?, MARK)?;
        Ok(folder)
    }

    /// A bucket to read from. Nothing is written, here or there.
    ///
    /// # Errors
    /// When it holds no backups.
    pub fn of_bucket_to_read(store: Arc<dyn Store>) -> Result<Self, Fault> {
        let folder = Self { store, aside: PathBuf::new(), _lock: None };
        if folder.list("backups")?.is_empty() {
            return Err(Fault::NoBackup(folder.path("")));
        }
        Ok(folder)
    }

    /// What people call a file in it, or all of it if the name is empty.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.store.path(name)
    }

    /// For what is not whole yet: whatever is left there goes with the next backup.
    #[must_use]
    pub fn aside(&self) -> &Path {
        &self.aside
    }

    fn clear_aside(&self) -> Result<(), Fault> {
        let failed = |error| Fault::at(&self.aside, error);
        for entry in fs::read_dir(&self.aside).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            let removed = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
            removed.map_err(|error| Fault::at(&path, error))?;
        }
        Ok(())
    }

    /// Every file below a name.
    pub(crate) fn list(&self, under: &str) -> Result<Vec<Listed>, Fault> {
        self.store.list(under).map_err(|error| Fault::at(&self.path(under), error))
    }

    /// Bytes of a file; none if it is not there.
    pub(crate) fn bytes(&self, name: &str) -> Result<Option<u64>, Fault> {
        self.store.bytes(name).map_err(|error| Fault::at(&self.path(name), error))
    }

    /// The content of a file, decrypted if `identity` is there.
    pub(crate) fn open(&self, name: &str, identity: Option<&Identity>) -> Result<Box<dyn io::Read>, Fault> {
        self.store.open(name).and_then(|file| opened(file, identity)).map_err(|error| Fault::at(&self.path(name), error))
    }

    /// For those who open files later.
    pub(crate) fn store(&self) -> Arc<dyn Store> {
        Arc::clone(&self.store)
    }

    pub(crate) fn place(&self, written: Written, name: &str) -> Result<(), Fault> {
        self.store.put(written.path, name).map_err(|error| Fault::at(&self.path(name), error))
    }

    pub(crate) fn remove(&self, name: &str) -> Result<(), Fault> {
        self.store.remove(name).map_err(|error| Fault::at(&self.path(name), error))
    }

    pub(crate) fn part(&self, kind: &str, part: &Part) -> Result<String, Fault> {
        // A manifest is not to lead out of the folder.
        match hex::digest(&part.sha256) {
            Some(_) => Ok(format!("{kind}/{}", part.sha256)),
            None => Err(Fault::Damaged { path: self.path("backups"), what: "a file's name is no SHA-256".to_owned() }),
        }
    }

    pub(crate) fn begin(&self, to: Option<&Recipient>) -> io::Result<Writing> {
        Writing::begin(&self.aside, to)
    }

    /// The names of all backups, the oldest first.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn names(&self) -> Result<Vec<String>, Fault> {
        let files = self.list("backups")?;
        let names = files.iter().filter_map(|(name, _)| name.strip_prefix("backups/")?.strip_suffix(".json"));
        let mut names: Vec<String> = names.map(str::to_owned).collect();
        names.sort_unstable();
        // The newest ones, should somebody have put more there.
        Ok(names.split_off(names.len().saturating_sub(BACKUPS_MAX)))
    }

    /// The manifest of a backup.
    ///
    /// # Errors
    /// When it is not there, does not read, or is of a newer format.
    pub fn manifest(&self, name: &str) -> Result<Manifest, Fault> {
        let mut there = self.names()?;
        if !there.iter().any(|there| there == name) {
            let newest = there.split_off(there.len().saturating_sub(NAMED_MAX)).join(", ");
            return Err(Fault::NoSuchBackup { name: name.to_owned(), there: newest });
        }
        let file = manifest_name(name);
        let wrong = |what: String| Fault::Manifest { path: self.path(&file), what };
        let mut text = String::new();
        self.open(&file, None)?
            .take(MANIFEST_BYTES_MAX)
            .read_to_string(&mut text)
            .map_err(|error| wrong(error.to_string()))?;
        self.check_format(name, &text).map_or(Ok(()), Err)?;
        serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))
    }

    /// What a manifest of a newer format has beside its version is for newer versions to say.
    fn check_format(&self, name: &str, text: &str) -> Option<Fault> {
        let value: serde_json::Value = serde_json::from_str(text).ok()?;
        let format = u32::try_from(value["version"].as_u64()?).unwrap_or(u32::MAX);
        let made_by = value["made_by"].as_str().unwrap_or("the version that has made it").to_owned();
        if value["format"] != FORMAT {
            return Some(Fault::NotOurs(self.path("")));
        }
        (format > VERSION).then(|| Fault::Newer { name: name.to_owned(), format, known: VERSION, made_by })
    }

    /// The newest backup.
    ///
    /// # Errors
    /// As [`Folder::manifest`].
    pub fn newest(&self) -> Result<Option<Manifest>, Fault> {
        self.names()?.last().map(|name| self.manifest(name)).transpose()
    }

    /// From now on there is this backup.
    pub(crate) fn keep(&self, manifest: &Manifest) -> Result<(), Fault> {
        let name = manifest_name(&manifest.name());
        let failed = |error| Fault::at(&self.path(&name), error);
        let mut file = self.begin(None).map_err(failed)?;
        serde_json::to_writer_pretty(&mut file, manifest).map_err(|error| failed(error.into()))?;
        self.place(file.finish().map_err(failed)?, &name)
    }

    pub(crate) fn forget(&self, name: &str) -> Result<(), Fault> {
        self.remove(&manifest_name(name))
    }

    pub(crate) fn settle(&self, under: &str) -> Result<(), Fault> {
        self.store.settle(under).map_err(|error| Fault::at(&self.path(under), error))
    }
}

fn manifest_name(name: &str) -> String {
    format!("backups/{name}.json")
}

/// The name of a medium that is encrypted to `recipient`, or to nobody.
pub(crate) fn medium(recipient: Option<&str>, digest: &Digest) -> String {
    let whom = recipient.map_or_else(
        || "clear".to_owned(),
        |recipient| {
            let mut name = hex::of(&Sha256::digest(recipient));
            name.truncate(16);
            name
        },
    );
    format!("media/{whom}/{}/{}", hex::of(&digest[..1]), hex::of(digest))
}

fn lock_to_write(folder: &Path) -> Result<File, Fault> {
    let failed = |error| Fault::at(folder, error);
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let lock = options.open(folder.join("lock")).map_err(failed)?;
    if fs4::fs_std::FileExt::try_lock_exclusive(&lock).map_err(failed)? {
        Ok(lock)
    } else {
        Err(Fault::Busy(folder.to_owned()))
    }
}
