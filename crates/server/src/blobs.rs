//! Media bytes as files, named by the SHA-256 of their content.
//!
//! ```text
//! media/ab/ab…       a blob; one folder for each first byte
//! media/ab/ab….NAME  a thumbnail of it
//! media/aside/       bytes on their way in, which a crash may leave behind
//! ```

mod copy;
mod folder;
mod tidy;
mod writer;

use std::{io, time::Duration};

use bytes::Bytes;
use engine::{BlobDigest, BlobError, BlobReader, BlobStore, BlobWriter};

pub(crate) use folder::FileBlobs;

use folder::{failed, off_thread};
use writer::FileWriter;

/// A file is read in pieces of so many bytes: what a reader that takes none of it keeps in memory.
const READ_BYTES: usize = 64 << 10;

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
