//! Media bytes: the port to where they are kept, and what keeps bytes and facts about them from missing each other.

use async_trait::async_trait;
use bytes::Bytes;
use tokio::{
    io::{AsyncRead, AsyncSeek},
    sync::RwLock,
};

use std::{sync::Arc, time::Duration};

/// SHA-256 of media bytes, which is where they are kept.
pub type BlobDigest = [u8; 32];

/// A blob could not be stored or read.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// The disk is full, or nearly: what is left of it is the log's.
    #[error("the server's disk is full")]
    Full,
    /// Storage failed.
    #[error("the blob store failed: {0}")]
    Io(#[from] std::io::Error),
}

/// The bytes of one blob, from any place on. A reader that was opened goes on although the blob is deleted.
pub trait BlobReader: AsyncRead + AsyncSeek + Send + Unpin {}

impl<T: AsyncRead + AsyncSeek + Send + Unpin> BlobReader for T {}

/// Bytes on their way into the store. Dropped before [`BlobWriter::keep`], they leave nothing behind.
#[async_trait]
pub trait BlobWriter: Send {
    /// Takes in the next bytes.
    ///
    /// # Errors
    /// [`BlobError::Full`] before they would take of what the log needs.
    async fn write(&mut self, bytes: Bytes) -> Result<(), BlobError>;

    /// Keeps what was written, durably, and says where. The same bytes twice are one blob.
    async fn keep(self: Box<Self>) -> Result<BlobDigest, BlobError>;
}

/// Where media bytes are kept, by the SHA-256 of their content. They are not in the log; their metadata is. Thumbnails are kept
/// beside what they were made of, under names that are the caller's, and go with it.
#[async_trait]
pub trait BlobStore: Send + Sync + 'static {
    /// Begins a new blob of about `bytes` bytes; 0 where that is not known.
    ///
    /// # Errors
    /// [`BlobError::Full`] when there is no room for so many.
    async fn begin(&self, bytes: u64) -> Result<Box<dyn BlobWriter>, BlobError>;

    /// The bytes at `digest`, or none; with the name of a thumbnail, those of the thumbnail.
    async fn open(&self, digest: &BlobDigest, thumbnail: Option<&str>) -> Result<Option<Box<dyn BlobReader>>, BlobError>;

    /// Keeps a thumbnail of the blob at `digest`, unless that is gone.
    async fn keep_thumbnail(&self, digest: &BlobDigest, thumbnail: &str, bytes: Bytes) -> Result<(), BlobError>;

    /// Deletes what is at `digest`, its thumbnails first. What is not there need not be deleted.
    async fn delete(&self, digest: &BlobDigest) -> Result<(), BlobError>;

    /// Digests that begin with `first_byte` under which anything is kept for at least so long.
    async fn kept_for(&self, first_byte: u8, at_least: Duration) -> Result<Vec<BlobDigest>, BlobError>;
}

/// The store, and the gate between bytes and facts: whoever keeps bytes whose fact is to follow holds the gate shared until the
/// fact is folded, and whoever deletes bytes because no fact names them holds it alone. Cheap to clone.
#[derive(Clone)]
pub struct Blobs {
    store: Arc<dyn BlobStore>,
    gate: Arc<RwLock<()>>,
}

impl Blobs {
    pub(crate) fn new(store: Arc<dyn BlobStore>) -> Self {
        Self { store, gate: Arc::default() }
    }

    pub(crate) fn gate(&self) -> &RwLock<()> {
        &self.gate
    }

    pub(crate) fn store(&self) -> &dyn BlobStore {
        &*self.store
    }

    /// Begins a new blob: see [`BlobStore::begin`].
    ///
    /// # Errors
    /// As there.
    pub async fn begin(&self, bytes: u64) -> Result<Box<dyn BlobWriter>, BlobError> {
        self.store.begin(bytes).await
    }

    /// Opens a blob or a thumbnail: see [`BlobStore::open`].
    ///
    /// # Errors
    /// As there.
    pub async fn open(
        &self,
        digest: &BlobDigest,
        thumbnail: Option<&str>,
    ) -> Result<Option<Box<dyn BlobReader>>, BlobError> {
        self.store.open(digest, thumbnail).await
    }

    /// Keeps a thumbnail: see [`BlobStore::keep_thumbnail`]. Nobody deletes meanwhile what it was made of.
    ///
    /// # Errors
    /// As there.
    pub async fn keep_thumbnail(&self, digest: &BlobDigest, thumbnail: &str, bytes: Bytes) -> Result<(), BlobError> {
        let _shared = self.gate.read().await;
        self.store.keep_thumbnail(digest, thumbnail, bytes).await
    }
}
