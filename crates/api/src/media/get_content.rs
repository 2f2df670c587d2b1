//! `GET /_matrix/client/v1/media/download/{serverName}/{mediaId}` and the same with a file name.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use engine::{BlobStore, Engine};
use ruma::api::client::authenticated_media::{get_content::v1::Request, get_content_as_filename::v1 as named};

use super::{
    serve::serve,
    stored::{bytes_of, find},
};
use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    State(blobs): State<Arc<dyn BlobStore>>,
    _: Sender,
    Ruma(request): Ruma<Request>,
) -> Result<Response, ApiError> {
    let media = find(&engine, &request.server_name, &request.media_id)?;
    let bytes = bytes_of(&blobs, &media).await?;
    Ok(serve(bytes, media.content_type.as_deref(), media.filename.as_deref()))
}

pub(crate) async fn handle_named(
    State(engine): State<Engine>,
    State(blobs): State<Arc<dyn BlobStore>>,
    _: Sender,
    Ruma(request): Ruma<named::Request>,
) -> Result<Response, ApiError> {
    let media = find(&engine, &request.server_name, &request.media_id)?;
    let bytes = bytes_of(&blobs, &media).await?;
    Ok(serve(bytes, media.content_type.as_deref(), Some(&request.filename)))
}
