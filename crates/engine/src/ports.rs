//! What the engine needs from outside besides the log, the rows and the blobs.

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
