//! Where the files of backups lie.

use std::{
    fmt,
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
};

use tempfile::TempPath;

use crate::file::{make_folder, sync_folder};

/// A file that is there: its name, and how many bytes it has.
pub type Listed = (String, u64);

/// A place for files that are written once, whole, and never changed. A name has a slash between its parts.
pub trait Store: fmt::Debug + Send + Sync {
    /// Every file below `under`, at any depth; none if there is no such place.
    ///
    /// # Errors
    /// When it cannot be told.
    fn list(&self, under: &str) -> io::Result<Vec<Listed>>;

    /// Whether nothing at all is there.
    ///
    /// # Errors
    /// When it cannot be told.
    fn is_empty(&self) -> io::Result<bool>;

    /// Bytes of a file; none if it is not there.
    ///
    /// # Errors
    /// When it cannot be told.
    fn bytes(&self, name: &str) -> io::Result<Option<u64>>;

    /// The content of a file.
    ///
    /// # Errors
    /// [`io::ErrorKind::NotFound`] when it is not there, and what else can go wrong.
    fn open(&self, name: &str) -> io::Result<Box<dyn Read>>;

    /// Takes over a file that lies whole at `from`, durably, instead of one of the same name.
    ///
    /// # Errors
    /// When it cannot; the one of the same name is there then as before.
    fn put(&self, from: TempPath, name: &str) -> io::Result<()>;

    /// Takes a file away.
    ///
    /// # Errors
    /// When it cannot.
    fn remove(&self, name: &str) -> io::Result<()>;

    /// What was taken away below `under` is gone for good when this returns.
    ///
    /// # Errors
    /// When that cannot be said.
    fn settle(&self, under: &str) -> io::Result<()>;

    /// What people call a file, or the whole place if the name is empty.
    fn path(&self, name: &str) -> PathBuf;
}

/// A folder of this machine.
#[derive(Debug)]
pub(crate) struct Disk {
    root: PathBuf,
}

impl Disk {
    pub(crate) fn new(root: PathBuf) -> Self {
        Self { root }
    }
}

impl Store for Disk {
    fn list(&self, under: &str) -> io::Result<Vec<Listed>> {
        let mut files = Vec::new();
        let mut folders = vec![under.to_owned()];
        while let Some(folder) = folders.pop() {
            for (name, entry) in entries(&self.root.join(&folder))? {
                let name = format!("{folder}/{name}");
                if entry.is_dir() { folders.push(name) } else { files.push((name, entry.len())) }
            }
        }
        Ok(files)
    }

    fn is_empty(&self) -> io::Result<bool> {
        Ok(entries(&self.root)?.is_empty())
    }

    fn bytes(&self, name: &str) -> io::Result<Option<u64>> {
        match fs::metadata(self.root.join(name)) {
            Ok(file) => Ok(Some(file.len())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn open(&self, name: &str) -> io::Result<Box<dyn Read>> {
        Ok(Box::new(File::open(self.root.join(name))?))
    }

    fn put(&self, from: TempPath, name: &str) -> io::Result<()> {
        let path = self.root.join(name);
        let folder = path.parent().unwrap_or(&self.root);
        if !folder.is_dir() {
            make_folder(folder)?;
        }
        from.persist(&path).map_err(|error| error.error)?;
        sync_folder(folder)
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        fs::remove_file(self.root.join(name))
    }

    fn settle(&self, under: &str) -> io::Result<()> {
        sync_folder(&self.root.join(under))
    }

    fn path(&self, name: &str) -> PathBuf {
        if name.is_empty() { self.root.clone() } else { self.root.join(name) }
    }
}

/// What a folder has; nothing if it is not there. Names that are no text are nobody's here.
fn entries(folder: &Path) -> io::Result<Vec<(String, fs::Metadata)>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut all = Vec::new();
    for entry in entries {
        let entry = entry?;
        // Somebody else may have removed it meanwhile.
        let (Ok(name), Ok(metadata)) = (entry.file_name().into_string(), entry.metadata()) else { continue };
        all.push((name, metadata));
    }
    Ok(all)
}
