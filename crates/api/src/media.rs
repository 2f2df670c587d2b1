//! Media (spec: "Content repository"), for people who are logged in.

mod create_content;
mod create_content_async;
mod create_mxc_uri;
mod get_content;
mod get_content_thumbnail;
mod get_media_config;
mod serve;
mod thumbnail;

use std::sync::Arc;

use axum::body::{Body, Bytes, to_bytes};
use domain::{
    Rejection,
    user::media::{MediaUploaded, UploadMedia},
};
use engine::{BlobStore, Engine};
use ruma::{
    MxcUri, OwnedMxcUri, OwnedUserId, ServerName,
    api::{
        client::{
            authenticated_media::{
                get_content::v1 as get_v1, get_content_as_filename::v1 as get_named_v1,
                get_content_thumbnail::v1 as thumbnail_v1, get_media_config::v1 as config_v1,
            },
            media::{
                create_content::v3 as create_v3, create_content_async::v3 as create_async_v3,
                create_mxc_uri::v1 as announce_v1,
            },
        },
        error::ErrorKind,
    },
};
use views::media::MediaRow;

use crate::{
    endpoint::{Class, Routes},
    error::ApiError,
};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .endpoint::<create_v3::Request, _, _>(Class::Upload, create_content::handle)
        .endpoint::<announce_v1::Request, _, _>(Class::Write, create_mxc_uri::handle)
        .endpoint::<create_async_v3::Request, _, _>(Class::Upload, create_content_async::handle)
        .endpoint::<get_v1::Request, _, _>(Class::Download, get_content::handle)
        .endpoint::<get_named_v1::Request, _, _>(Class::Download, get_content::handle_named)
        .endpoint::<thumbnail_v1::Request, _, _>(Class::Download, get_content_thumbnail::handle)
        .endpoint::<config_v1::Request, _, _>(Class::Read, get_media_config::handle)
}

/// What an upload says of itself beside its bytes.
struct Upload {
    user_id: OwnedUserId,
    media_id: Option<String>,
    content_type: Option<String>,
    filename: Option<String>,
    bytes: Bytes,
}

/// The bytes of an upload.
///
/// # Errors
/// 413 `M_TOO_LARGE` beyond the admin's limit.
async fn read(body: Body, bytes_max: usize) -> Result<Bytes, ApiError> {
    to_bytes(body, bytes_max).await.map_err(|_| Rejection::too_large("The file is larger than this server takes.").into())
}

/// Stores bytes first and then records that they are there. Returns the last part of the address.
async fn store(engine: &Engine, blobs: &Arc<dyn BlobStore>, upload: Upload) -> Result<String, ApiError> {
    let Upload { user_id, media_id, content_type, filename, bytes } = upload;
    let size_bytes = bytes.len() as u64;
    let digest = blobs.put(bytes).await?;
    let command = UploadMedia { user_id, media_id, digest, size_bytes, content_type, filename };
    Ok(engine.submit(command).await?)
}

fn address(engine: &Engine, media_id: &str) -> OwnedMxcUri {
    <&MxcUri>::from(format!("mxc://{}/{media_id}", engine.server_name()).as_str()).to_owned()
}

/// What was uploaded to an address.
///
/// # Errors
/// 404 `M_NOT_FOUND` for unknown addresses and those of other servers, 504 `M_NOT_YET_UPLOADED` for reserved ones.
fn find(engine: &Engine, server_name: &ServerName, media_id: &str) -> Result<MediaUploaded, ApiError> {
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
async fn bytes_of(blobs: &Arc<dyn BlobStore>, media: &MediaUploaded) -> Result<Bytes, ApiError> {
    let bytes = blobs.get(&media.digest.0).await?;
    Ok(bytes.ok_or_else(|| Rejection::not_found("The media is not stored here any more."))?)
}
