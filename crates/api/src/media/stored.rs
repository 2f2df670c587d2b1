//! Media that was uploaded: what is known of it, and its bytes.

use std::{fmt::Write as _, time::Duration};

use domain::{Rejection, user::media::MediaUploaded};
use engine::{BlobReader, Engine, SubmitError};
use ruma::{ServerName, api::error::ErrorKind};
use views::media::MediaRow;

use tokio::time::Instant;

use crate::error::ApiError;

/// The longest that a request waits for what is to be uploaded.
const PATIENCE_MAX: Duration = Duration::from_secs(60);
/// How often it is looked whether that is there.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// What was uploaded to an address.
///
/// # Errors
/// 404 `M_NOT_FOUND` for unknown addresses and those of other servers, 504 `M_NOT_YET_UPLOADED` for reserved ones.
pub(super) fn find(engine: &Engine, server_name: &ServerName, media_id: &str) -> Result<MediaUploaded, ApiError> {
    if server_name != engine.server_name() {
        return Err(missing());
    }
    match views::media::media(&*engine.rows(), media_id)? {
        Some(MediaRow::Uploaded { media, .. }) => Ok(media),
        Some(MediaRow::Awaited { expires_at_ms, .. }) if expires_at_ms > u64::from(engine.now().0) => {
            Err(Rejection::new(504, ErrorKind::NotYetUploaded, "The media has not been uploaded yet.").into())
        }
        _ => Err(missing()),
    }
}

/// What was uploaded to an address, also while it is waited for that, as long as the client likes within bounds.
///
/// # Errors
/// As [`find`].
pub(super) async fn find_or_wait(
    engine: &Engine,
    server_name: &ServerName,
    media_id: &str,
    patience: Duration,
) -> Result<MediaUploaded, ApiError> {
    let deadline = Instant::now() + patience.min(PATIENCE_MAX);
    loop {
        match find(engine, server_name, media_id) {
            Err(ApiError::Rejected(refused)) if refused.kind == ErrorKind::NotYetUploaded && Instant::now() < deadline => {
                tokio::time::sleep(LOOK_EVERY).await;
            }
            found => return found,
        }
    }
}

/// 404 `M_NOT_FOUND`.
pub(super) fn missing() -> ApiError {
    Rejection::not_found("There is no such media here.").into()
}

/// The bytes of what was uploaded, or of a thumbnail of it; none when that thumbnail has not been made.
///
/// # Errors
/// When the disk does not answer.
pub(super) async fn opened(
    engine: &Engine,
    media: &MediaUploaded,
    thumbnail: Option<&str>,
) -> Result<Option<Box<dyn BlobReader>>, ApiError> {
    Ok(engine.blobs().open(&media.digest.0, thumbnail).await.map_err(SubmitError::from)?)
}

/// 404 `M_NOT_FOUND`: the file is gone from the data folder.
pub(super) fn gone() -> ApiError {
    Rejection::not_found("The media is not stored here any more.").into()
}

/// The strong validator of bytes (RFC 9110, section 8.8.3): their digest, and which thumbnail of them it is.
pub(super) fn etag(media: &MediaUploaded, thumbnail: Option<&str>) -> String {
    let mut etag = String::from("\"");
    for byte in media.digest.0 {
        // Writing to a string does not fail.
        let _infallible = write!(etag, "{byte:02x}");
    }
    if let Some(thumbnail) = thumbnail {
        etag.push('-');
        etag.push_str(thumbnail);
    }
    etag.push('"');
    etag
}
