//! Media bytes as files, named by the SHA-256 of their content.
//!
//! ```text
//! media/ab/ab…       a blob; one folder for each first byte
//! media/ab/ab….NAME  a thumbnail of it
//! media/aside/       bytes on their way in, which a crash may leave behind
//! ```

mod tidy;
mod writer;

use std::{
    fmt::Write as _,
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use bytes::Bytes;
use engine::{BlobDigest, BlobError, BlobReader, BlobStore, BlobWriter};

use writer::FileWriter;

/// A file is read in pieces of so many bytes: what a reader that takes none of it keeps in memory.
const READ_BYTES: usize = 64 << 10;
/// Letters of a digest in a file's name.
const NAME_LETTERS: usize = 64;

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

    fn folder(&self, first_byte: u8) -> PathBuf {
        self.root.join(format!("{first_byte:02x}"))
    }

    fn aside(&self) -> PathBuf {
        self.root.join("aside")
    }

    fn path(&self, digest: &BlobDigest, thumbnail: Option<&str>) -> PathBuf {
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
    fn check_room(&self, bytes: u64) -> Result<(), BlobError> {
        let free = fs4::available_space(&self.root)?;
        if free < self.reserve_bytes.saturating_add(bytes) { Err(BlobError::Full) } else { Ok(()) }
    }

    /// Puts a file that is written and synced in its place, unless there is one already.
    fn place(&self, written: tempfile::TempPath, path: &Path) -> io::Result<()> {
        let Some(folder) = path.parent() else { return Ok(()) };
        if !folder.is_dir() {
            fs::create_dir_all(folder)?;
            sync_folder(&self.root)?;
        }
        written.persist(path).map_err(|error| error.error)?;
        sync_folder(folder)
    }
}

#[async_trait::async_trait]
impl BlobStore for FileBlobs {
    async fn begin(&self, bytes: u64) -> Result<Box<dyn BlobWriter>, BlobError> {
        let store = self.clone();
        let writer = off_thread(move || FileWriter::begin(store, bytes)).await?;
        Ok(Box::new(writer))
    }

    async fn open(&self, digest: &BlobDigest, thumbnail: Option<&str>) -> Result<Option<Box<dyn BlobReader>>, BlobError> {
        match tokio::fs::File::open(self.path(digest, thumbnail)).await {
            Ok(mut file) => {
                file.set_max_buf_size(READ_BYTES);
                Ok(Some(Box::new(file)))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    async fn keep_thumbnail(&self, digest: &BlobDigest, thumbnail: &str, bytes: Bytes) -> Result<(), BlobError> {
        let (store, of, path) = (self.clone(), self.path(digest, None), self.path(digest, Some(thumbnail)));
        off_thread(move || {
            if !of.exists() {
                return Ok(());
            }
            store.check_room(bytes.len() as u64)?;
            let mut file = store.new_file_aside()?;
            io::Write::write_all(&mut file, &bytes).map_err(failed)?;
            file.as_file().sync_all().map_err(failed)?;
            Ok(store.place(file.into_temp_path(), &path)?)
        })
        .await
    }

    async fn delete(&self, digest: &BlobDigest) -> Result<(), BlobError> {
        let (store, digest) = (self.clone(), *digest);
        off_thread(move || Ok(store.delete_files(&digest)?)).await
    }

    async fn kept_for(&self, first_byte: u8, at_least: Duration) -> Result<Vec<BlobDigest>, BlobError> {
        let store = self.clone();
        off_thread(move || Ok(store.digests_older_than(first_byte, at_least)?)).await
    }
}

/// Does what may wait for the disk.
async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, BlobError> + Send + 'static,
) -> Result<T, BlobError> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|panicked| Err(io::Error::other(panicked).into()))
}

/// What a failed write means.
fn failed(error: io::Error) -> BlobError {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => BlobError::Full,
        _ => BlobError::Io(error),
    }
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    fs::File::open(folder)?.sync_all()
}
