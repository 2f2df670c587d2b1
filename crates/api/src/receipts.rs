//! The port to receipts of erasures: who has the log's key signs them, when the disk has forgotten as well.

use std::sync::Arc;

use engine::SubmitError;
use ruma::{OwnedUserId, UserId};
use serde::Serialize;

/// How far an erasure is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Erasure {
    /// Nobody has asked for it.
    None,
    /// It goes on.
    Erasing,
    /// Log and views have forgotten the person; the bytes are still to leave the disk.
    Purging,
    /// All is done.
    Done {
        /// One signed line.
        receipt: String,
    },
}

/// Tells how far the erasure of a person is. It blocks: it reads the log.
type Tell = dyn Fn(&UserId) -> Result<Erasure, SubmitError> + Send + Sync;

/// Tells how far erasures are. Cheap to clone.
#[derive(Clone)]
pub struct Receipts(Arc<Tell>);

impl Receipts {
    /// Told by `tell`, which may block.
    pub fn new(tell: impl Fn(&UserId) -> Result<Erasure, SubmitError> + Send + Sync + 'static) -> Self {
        Self(Arc::new(tell))
    }

    /// How far the erasure of a person is.
    ///
    /// # Errors
    /// When a storage does not answer.
    pub(crate) async fn erasure(&self, user_id: OwnedUserId) -> Result<Erasure, SubmitError> {
        let tell = Arc::clone(&self.0);
        let told = tokio::task::spawn_blocking(move || tell(&user_id)).await;
        told.map_err(|_| SubmitError::Fault("telling of an erasure panicked".into()))?
    }
}
