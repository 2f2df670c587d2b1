//! Media that was uploaded: what is known of it, and its bytes.

use std::sync::Arc;

use axum::body::Bytes;
use domain::{Rejection, user::media::MediaUploaded};
use engine::{BlobStore, Engine};
use ruma::{ServerName, api::error::ErrorKind};
use views::media::MediaRow;

use crate::error::ApiError;

/// What was uploaded to an address.
///
/// # Errors
/// 404 `M_NOT_FOUND` for unknown addresses and those of other servers, 504 `M_NOT_YET_UPLOADED` for reserved ones.
pub(super) fn find(engine: &Engine, server_name: &ServerName, media_id: &str) -> Result<MediaUploaded, ApiError> {
    let missing = || ApiError::from(Rejection::not_found("There is no such media here."));
    if server_name != engine.server_name() {
        return Err(missing());
    }
    match views::media::media(&*engine.rows(), media_id)? {
        Some(MediaRow::Uploaded(media)) => Ok(media),
        Some(MediaRow::Awaited { expires_at_ms, .. }) if expires_at_ms > u64::from(engine.now().0) => {
            Err(Rejection::new(504, ErrorKind::NotYetUploaded, "The media has not been uploaded yet.").into())
        }
        _ => Err(missing()),
    }
}

/// The bytes of what was uploaded.
///
/// # Errors
/// 404 `M_NOT_FOUND` when the file is gone from the data folder.
pub(super) async fn bytes_of(blobs: &Arc<dyn BlobStore>, media: &MediaUploaded) -> Result<Bytes, ApiError> {
    let bytes = blobs.get(&media.digest.0).await?;
    Ok(bytes.ok_or_else(|| Rejection::not_found("The media is not stored here any more."))?)
}
