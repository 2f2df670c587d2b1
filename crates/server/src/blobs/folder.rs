//! The folder of media: what is where in it, and how a file comes into its place.

use std::{
    fmt::Write as _,
    fs, io,
    path::{Path, PathBuf},
};

use engine::{BlobDigest, BlobError};
use tempfile::{NamedTempFile, TempPath};

/// Letters of a digest in a file's name.
pub(super) const NAME_LETTERS: usize = 64;

/// A blob store in one folder.
#[derive(Clone)]
pub(crate) struct FileBlobs {
    root: PathBuf,
    reserve_bytes: u64,
}

impl FileBlobs {
    /// Blobs in `root`, which is made when the first one comes. So many bytes of the disk are left free.
    pub(crate) fn new(root: PathBuf, reserve_bytes: u64) -> Self {
        Self { root, reserve_bytes }
    }

    pub(super) fn folder(&self, first_byte: u8) -> PathBuf {
        self.root.join(format!("{first_byte:02x}"))
    }

    pub(super) fn aside(&self) -> PathBuf {
        self.root.join("aside")
    }

    pub(super) fn path(&self, digest: &BlobDigest, thumbnail: Option<&str>) -> PathBuf {
        let mut name = String::with_capacity(NAME_LETTERS + 16);
        for byte in digest {
            // Writing to a string does not fail.
            let _infallible = write!(name, "{byte:02x}");
        }
        if let Some(thumbnail) = thumbnail {
            name.push('.');
            name.push_str(thumbnail);
        }
        self.folder(digest[0]).join(name)
    }

    /// Refuses bytes that would take of what is left for the log.
    pub(super) fn check_room(&self, bytes: u64) -> Result<(), BlobError> {
        let free = fs4::available_space(&self.root)?;
        if free < self.reserve_bytes.saturating_add(bytes) { Err(BlobError::Full) } else { Ok(()) }
    }

    /// Puts a file that is written and synced in its place.
    pub(super) fn place(&self, written: TempPath, path: &Path) -> io::Result<()> {
        let Some(folder) = path.parent() else { return Ok(()) };
        if !folder.is_dir() {
            fs::create_dir_all(folder)?;
            sync_folder(&self.root)?;
        }
        written.persist(path).map_err(|error| error.error)?;
        sync_folder(folder)
    }

    /// A file for bytes on their way in. Dropped, it is deleted.
    pub(super) fn new_file_aside(&self) -> Result<NamedTempFile, BlobError> {
        fs::create_dir_all(self.aside()).map_err(failed)?;
        NamedTempFile::new_in(self.aside()).map_err(failed)
    }
}

/// Does what may wait for the disk.
pub(super) async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, BlobError> + Send + 'static,
) -> Result<T, BlobError> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|panicked| Err(io::Error::other(panicked).into()))
}

/// What a failed write means.
pub(super) fn failed(error: io::Error) -> BlobError {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => BlobError::Full,
        _ => BlobError::Io(error),
    }
}

pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    fs::File::open(folder)?.sync_all()
}
