//! What the engine needs from outside besides the log and the rows.

use async_trait::async_trait;
use bytes::Bytes;

/// Where randomness comes from.
pub trait EntropySource: Send + Sync {
    /// 32 bytes that nobody can guess.
    fn seed(&self) -> [u8; 32];
}

/// The operating system's randomness.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemEntropy;

impl EntropySource for SystemEntropy {
    fn seed(&self) -> [u8; 32] {
        rand::random()
    }
}

/// A blob could not be stored or read.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// The disk is full.
    #[error("the server's disk is full")]
    Full,
    /// Storage failed.
    #[error("the blob store failed: {0}")]
    Io(#[from] std::io::Error),
}

/// Media bytes, addressed by the SHA-256 of their content. They are not in the log; their metadata is.
#[async_trait]
pub trait BlobStore: Send + Sync + 'static {
    /// Stores `bytes` durably and returns their address. Storing the same bytes twice is one blob.
    async fn put(&self, bytes: Bytes) -> Result<[u8; 32], BlobError>;

    /// The bytes at `digest`, or none.
    async fn get(&self, digest: &[u8; 32]) -> Result<Option<Bytes>, BlobError>;
}
