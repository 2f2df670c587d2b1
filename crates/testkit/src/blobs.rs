//! Media bytes in memory. They outlive a crash, as files do, and nothing of them gets lost.

use std::{collections::BTreeMap, io::Cursor, mem::take, sync::Arc, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use engine::{BlobDigest, BlobError, BlobReader, BlobStore, BlobWriter};
use parking_lot::Mutex;
use sha2::{Digest as _, Sha256};

type Kept = Arc<Mutex<BTreeMap<(BlobDigest, Option<String>), Bytes>>>;

/// A blob store in memory.
#[derive(Clone, Default)]
pub struct MemoryBlobs {
    kept: Kept,
}

struct Writing {
    bytes: Vec<u8>,
    kept: Kept,
}

#[async_trait]
impl BlobWriter for Writing {
    async fn write(&mut self, bytes: Bytes) -> Result<(), BlobError> {
        self.bytes.extend_from_slice(&bytes);
        Ok(())
    }

    async fn keep(mut self: Box<Self>) -> Result<BlobDigest, BlobError> {
        let digest = Sha256::digest(&self.bytes).into();
        self.kept.lock().insert((digest, None), take(&mut self.bytes).into());
        Ok(digest)
    }
}

impl MemoryBlobs {
    /// How many blobs and thumbnails there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.kept.lock().len()
    }

    /// Keeps bytes that no fact names, as a crash between the two leaves them.
    pub fn leave(&self, bytes: &[u8]) -> BlobDigest {
        let digest = Sha256::digest(bytes).into();
        self.kept.lock().insert((digest, None), Bytes::copy_from_slice(bytes));
        digest
    }
}

#[async_trait]
impl BlobStore for MemoryBlobs {
    async fn begin(&self, _: u64) -> Result<Box<dyn BlobWriter>, BlobError> {
        Ok(Box::new(Writing { bytes: Vec::new(), kept: Arc::clone(&self.kept) }))
    }

    async fn open(&self, digest: &BlobDigest, thumbnail: Option<&str>) -> Result<Option<Box<dyn BlobReader>>, BlobError> {
        let found = self.kept.lock().get(&(*digest, thumbnail.map(str::to_owned))).cloned();
        Ok(found.map(|bytes| Box::new(Cursor::new(bytes)) as Box<dyn BlobReader>))
    }

    async fn keep_thumbnail(&self, digest: &BlobDigest, thumbnail: &str, bytes: Bytes) -> Result<(), BlobError> {
        let mut kept = self.kept.lock();
        if kept.contains_key(&(*digest, None)) {
            kept.insert((*digest, Some(thumbnail.to_owned())), bytes);
        }
        Ok(())
    }

    async fn delete(&self, digest: &BlobDigest) -> Result<(), BlobError> {
        self.kept.lock().retain(|(kept, _), _| kept != digest);
        Ok(())
    }

    /// Everything counts as old.
    async fn kept_for(&self, first_byte: u8, _: Duration) -> Result<Vec<BlobDigest>, BlobError> {
        let digests = self.kept.lock().keys().map(|(digest, _)| *digest).filter(|digest| digest[0] == first_byte).collect();
        Ok(digests)
    }
}
