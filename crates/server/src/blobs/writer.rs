//! Bytes on their way in: into a file aside, hashed while they come, which is renamed when all of them are there and synced.

use bytes::Bytes;
use engine::{BlobDigest, BlobError, BlobWriter};
use sha2::{Digest as _, Sha256};
use tempfile::TempPath;
use tokio::io::AsyncWriteExt as _;

use super::folder::{FileBlobs, failed, off_thread};

/// After so many bytes it is looked again whether the disk has room.
const LOOK_AGAIN_BYTES: u64 = 1 << 20;
/// Bytes that are copied before they are written.
const WRITE_BYTES: usize = 64 << 10;

/// A file aside. Dropped, it is deleted.
pub(super) struct FileWriter {
    store: FileBlobs,
    file: tokio::fs::File,
    path: TempPath,
    hasher: Sha256,
    /// Bytes written since the disk was looked at.
    unlooked: u64,
}

impl FileWriter {
    pub(super) fn begin(store: FileBlobs, bytes: u64) -> Result<Self, BlobError> {
        let (file, path) = store.new_file_aside()?.into_parts();
        store.check_room(bytes)?;
        let mut file = tokio::fs::File::from_std(file);
        file.set_max_buf_size(WRITE_BYTES);
        Ok(Self { store, file, path, hasher: Sha256::new(), unlooked: 0 })
    }
}

#[async_trait::async_trait]
impl BlobWriter for FileWriter {
    async fn write(&mut self, bytes: Bytes) -> Result<(), BlobError> {
        self.unlooked += bytes.len() as u64;
        if self.unlooked >= LOOK_AGAIN_BYTES {
            self.store.check_room(self.unlooked)?;
            self.unlooked = 0;
        }
        self.hasher.update(&bytes);
        self.file.write_all(&bytes).await.map_err(failed)
    }

    async fn keep(mut self: Box<Self>) -> Result<BlobDigest, BlobError> {
        self.file.flush().await.map_err(failed)?;
        self.file.sync_all().await.map_err(failed)?;
        let Self { store, path, hasher, .. } = *self;
        let digest: BlobDigest = hasher.finalize().into();
        let target = store.path(&digest, None);
        off_thread(move || {
            // Equal bytes are there already: whoever keeps or deletes holds the engine's gate.
            if target.exists() { Ok(()) } else { store.place(path, &target).map_err(failed) }
        })
        .await?;
        Ok(digest)
    }
}
