//! Makes small pictures of large ones, of PNG, JPEG, GIF (its first picture) and WebP. Each is made once and kept beside its
//! picture, in one of a few sizes, so that nobody has one picture drawn in thousands. Encrypted media has none here: nobody but its
//! recipients can see it.

pub(crate) mod draw;
pub(super) mod size;

use std::{
    io::{BufReader, Cursor},
    sync::Arc,
};

use axum::body::Bytes;
use domain::{Rejection, user::media::MediaUploaded};
use engine::{BlobReader, Engine, SubmitError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::io::SyncIoBridge;

use size::Size;

use super::stored::{gone, opened};
use crate::{error::ApiError, memory::MemoryPlan};

/// Pictures that wait for their turn.
const WAITING_MAX: usize = 16;
/// When to try again if more wait, milliseconds.
const RETRY_AFTER_MS: u64 = 1_000;
/// The largest file that thumbnails are made of, bytes, if the largest decoded picture is no smaller. Some formats are read into memory as a whole.
const SOURCE_BYTES_MAX: u64 = 64 << 20;

/// Those who make them. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Thumbnails {
    /// Room for those at work and those who wait.
    queue: Arc<Semaphore>,
    at_work: Arc<Semaphore>,
    /// The largest decoded picture, bytes.
    picture_bytes: u64,
}

impl Thumbnails {
    /// As many at once, and of pictures as large, as there is memory for.
    pub(super) fn new(memory: &MemoryPlan) -> Self {
        let at_once = memory.pictures_at_work;
        Self {
            queue: Arc::new(Semaphore::new(at_once + WAITING_MAX)),
            at_work: Arc::new(Semaphore::new(at_once)),
            picture_bytes: memory.picture_bytes,
        }
    }

    /// Makes a thumbnail and keeps it.
    ///
    /// # Errors
    /// 400 `M_UNKNOWN` for what is no picture, 413 `M_TOO_LARGE` for pictures that would take too much memory, 429 when too many
    /// wait.
    pub(super) async fn make(
        &self,
        engine: &Engine,
        media: &MediaUploaded,
        size: Size,
    ) -> Result<Box<dyn BlobReader>, ApiError> {
        if media.size_bytes > SOURCE_BYTES_MAX.min(self.picture_bytes) {
            return Err(Rejection::too_large("No thumbnails are made of so large a file.").into());
        }
        let turn = self.turn().await?;
        // Somebody who was before in the queue may have made it.
        if let Some(made) = opened(engine, media, Some(size.name)).await? {
            return Ok(made);
        }
        let picture = BufReader::new(SyncIoBridge::new(opened(engine, media, None).await?.ok_or_else(gone)?));
        let picture_bytes = self.picture_bytes;
        let draw = move || {
            // Until it is drawn, also when nobody waits for it any more.
            let _turn = turn;
            draw::thumbnail(picture, size, picture_bytes)
        };
        let drawn = tokio::task::spawn_blocking(draw).await;
        let png = Bytes::from(drawn.map_err(|_| SubmitError::Fault("drawing a thumbnail panicked".into()))??);
        if let Err(error) = engine.blobs().keep_thumbnail(&media.digest.0, size.name, png.clone()).await {
            tracing::warn!(media.error = %error, "a thumbnail could not be kept; it will be made again");
        }
        Ok(Box::new(Cursor::new(png)))
    }

    async fn turn(&self) -> Result<(OwnedSemaphorePermit, OwnedSemaphorePermit), ApiError> {
        let place = Arc::clone(&self.queue).try_acquire_owned();
        let place = place.map_err(|_| ApiError::Limited { retry_after_ms: RETRY_AFTER_MS })?;
        let at_work = Arc::clone(&self.at_work).acquire_owned().await.map_err(|_| SubmitError::Stopping)?;
        Ok((place, at_work))
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::{MemoryPlan, Thumbnails, WAITING_MAX};

    #[tokio::test]
    async fn whoever_would_wait_too_long_is_told_so() {
        let memory = MemoryPlan::ample();
        let thumbnails = Thumbnails::new(&memory);
        let mut turns = Vec::new();
        for _ in 0..memory.pictures_at_work {
            turns.push(thumbnails.turn().await.unwrap());
        }
        let mut waiting: Vec<_> = (0..WAITING_MAX).map(|_| Box::pin(thumbnails.turn())).collect();
        for one in &mut waiting {
            assert!(one.now_or_never().is_none());
        }
        assert!(thumbnails.turn().await.is_err());
        turns.pop();
        assert!(waiting.remove(0).await.is_ok());
    }
}
