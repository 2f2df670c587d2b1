//! Taking media in: its bytes, then the record that they are there.

use std::{error::Error as _, sync::Arc};

use axum::body::{Body, Bytes, to_bytes};
use domain::{Rejection, user::media::UploadMedia};
use engine::{BlobStore, Engine};
use http_body_util::LengthLimitError;
use ruma::{MxcUri, OwnedMxcUri, OwnedUserId};

use crate::{body::broken_off, error::ApiError};

/// What an upload says of itself beside its bytes.
pub(super) struct Upload {
    pub(super) user_id: OwnedUserId,
    pub(super) media_id: Option<String>,
    pub(super) content_type: Option<String>,
    pub(super) filename: Option<String>,
    pub(super) bytes: Bytes,
}

/// The bytes of an upload.
///
/// # Errors
/// 413 `M_TOO_LARGE` beyond the admin's limit, 408 when it does not come to its end.
pub(super) async fn read(body: Body, bytes_max: usize) -> Result<Bytes, ApiError> {
    to_bytes(body, bytes_max).await.map_err(|error| {
        let is_too_large = error.source().is_some_and(|cause| cause.is::<LengthLimitError>());
        if is_too_large { Rejection::too_large("The file is larger than this server takes.").into() } else { broken_off() }
    })
}

/// Stores bytes first and then records that they are there. Returns the last part of the address.
pub(super) async fn store(engine: &Engine, blobs: &Arc<dyn BlobStore>, upload: Upload) -> Result<String, ApiError> {
    let Upload { user_id, media_id, content_type, filename, bytes } = upload;
    let size_bytes = bytes.len() as u64;
    let digest = blobs.put(bytes).await?;
    let command = UploadMedia { user_id, media_id, digest, size_bytes, content_type, filename };
    Ok(engine.submit(command).await?)
}

pub(super) fn address(engine: &Engine, media_id: &str) -> OwnedMxcUri {
    <&MxcUri>::from(format!("mxc://{}/{media_id}", engine.server_name()).as_str()).to_owned()
}
