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
//! Files are named by the SHA-256 of what lies in them, media by that of what was uploaded. Manifests, lists and names are in clear also
//! where the rest is encrypted.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use sha2::{Digest as _, Sha256};

use crate::{
    age::Recipient,
    fault::Fault,
    file::{Writing, make_folder, sync_folder},
    hex::{self, Digest},
    manifest::{FORMAT, MANIFEST_BYTES_MAX, Manifest, Part, VERSION},
};

/// Manifests that are looked at, at most.
const BACKUPS_MAX: usize = 10_000;
/// Names in a message, at most.
const NAMED_MAX: usize = 10;

/// The folder, locked as long as this lives.
#[derive(Debug)]
pub struct Folder {
    root: PathBuf,
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
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let lock = options.open(root.join("lock")).map_err(failed)?;
        if !fs4::fs_std::FileExt::try_lock_exclusive(&lock).map_err(failed)? {
            return Err(Fault::Busy(root));
        }
        let folder = Self { root, _lock: Some(lock) };
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
        Ok(Self { root, _lock: lock })
    }

    /// Where it is.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// For what is not whole yet: whatever is left there goes with the next backup.
    #[must_use]
    pub fn aside(&self) -> PathBuf {
        self.root.join("aside")
    }

    fn clear_aside(&self) -> Result<(), Fault> {
        for path in self.entries(&self.aside())? {
            let removed = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
            removed.map_err(|error| Fault::at(&path, error))?;
        }
        Ok(())
    }

    /// The paths in a folder; none if it is not there.
    pub(crate) fn entries(&self, folder: &Path) -> Result<Vec<PathBuf>, Fault> {
        let failed = |error| Fault::at(folder, error);
        match fs::read_dir(folder) {
            Ok(entries) => entries.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<_>>().map_err(failed),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(failed(error)),
        }
    }

    pub(crate) fn part(&self, kind: &str, part: &Part) -> Result<PathBuf, Fault> {
        // A manifest is not to lead out of the folder.
        match hex::digest(&part.sha256) {
            Some(_) => Ok(self.root.join(kind).join(&part.sha256)),
            None => Err(Fault::Damaged { path: self.root.join("backups"), what: "a file's name is no SHA-256".to_owned() }),
        }
    }

    /// Where media lie that are encrypted to `recipient`, or to nobody.
    pub(crate) fn media(&self, recipient: Option<&str>) -> PathBuf {
        let name = recipient.map_or_else(
            || "clear".to_owned(),
            |recipient| {
                let mut name = hex::of(&Sha256::digest(recipient));
                name.truncate(16);
                name
            },
        );
        self.root.join("media").join(name)
    }

    pub(crate) fn medium(&self, recipient: Option<&str>, digest: &Digest) -> PathBuf {
        let name = hex::of(digest);
        self.media(recipient).join(hex::of(&digest[..1])).join(name)
    }

    pub(crate) fn begin(&self, to: Option<&Recipient>) -> io::Result<Writing> {
        Writing::begin(&self.aside(), to)
    }

    fn manifest_path(&self, name: &str) -> PathBuf {
        self.root.join("backups").join(format!("{name}.json"))
    }

    /// The names of all backups, the oldest first.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn names(&self) -> Result<Vec<String>, Fault> {
        let paths = self.entries(&self.root.join("backups"))?;
        let json = paths.iter().filter(|path| path.extension().is_some_and(|extension| extension == "json"));
        let stems = json.filter_map(|path| path.file_stem().and_then(|stem| stem.to_str()).map(str::to_owned));
        let mut names: Vec<String> = stems.take(BACKUPS_MAX).collect();
        names.sort_unstable();
        Ok(names)
    }

    /// The manifest of a backup.
    ///
    /// # Errors
    /// When it is not there, does not read, or is of a newer format.
    pub fn manifest(&self, name: &str) -> Result<Manifest, Fault> {
        let path = self.manifest_path(name);
        let wrong = |what: String| Fault::Manifest { path: path.clone(), what };
        if !self.names()?.iter().any(|there| there == name) {
            let mut there = self.names()?;
            let newest = there.split_off(there.len().saturating_sub(NAMED_MAX)).join(", ");
            return Err(Fault::NoSuchBackup { name: name.to_owned(), there: newest });
        }
        let mut text = String::new();
        let file = File::open(&path).map_err(|error| Fault::at(&path, error))?;
        file.take(MANIFEST_BYTES_MAX).read_to_string(&mut text).map_err(|error| wrong(error.to_string()))?;
        self.check_format(name, &text).map_or(Ok(()), Err)?;
        serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))
    }

    /// What a manifest of a newer format has beside its version is for newer versions to say.
    fn check_format(&self, name: &str, text: &str) -> Option<Fault> {
        let value: serde_json::Value = serde_json::from_str(text).ok()?;
        let format = u32::try_from(value["version"].as_u64()?).unwrap_or(u32::MAX);
        let made_by = value["made_by"].as_str().unwrap_or("the version that has made it").to_owned();
        if value["format"] != FORMAT {
            return Some(Fault::NotOurs(self.root.clone()));
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
        let path = self.manifest_path(&manifest.name());
        let failed = |error| Fault::at(&path, error);
        let mut file = self.begin(None).map_err(failed)?;
        serde_json::to_writer_pretty(&mut file, manifest).map_err(|error| failed(error.into()))?;
        file.finish().and_then(|written| written.place(&path)).map_err(failed)
    }

    pub(crate) fn forget(&self, name: &str) -> Result<(), Fault> {
        let path = self.manifest_path(name);
        fs::remove_file(&path).map_err(|error| Fault::at(&path, error))
    }

    pub(crate) fn sync(&self, folder: &str) -> Result<(), Fault> {
        let path = self.root.join(folder);
        sync_folder(&path).map_err(|error| Fault::at(&path, error))
    }
}
