//! Cross-signing: a person's master, self-signing and user-signing keys, and the signatures made with them.

mod facts;
mod sign;
mod state;
#[cfg(test)]
mod tests;
mod upload;

pub use facts::{CrossSigningKeysUploaded, SignaturesAdded};
pub use sign::{SignatureFailure, SignatureTarget, UploadSignatures};
pub use state::CrossSigningState;
pub use upload::{UploadCrossSigningKeys, needs_authentication};

/// Signed objects in one request to `/keys/signatures/upload`.
pub const SIGNED_OBJECTS_MAX: usize = 500;
