//! `GET /_matrix/client/v1/media/thumbnail/{serverName}/{mediaId}`

use std::sync::Arc;

use axum::{extract::State, response::Response};
use domain::Rejection;
use engine::{BlobStore, Engine};
use ruma::{api::client::authenticated_media::get_content_thumbnail::v1::Request, media::Method};

use super::{
    serve::serve,
    stored::{bytes_of, find},
    thumbnail,
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
    let wanted = thumbnail::Size {
        width: u32::try_from(u64::from(request.width)).unwrap_or(u32::MAX),
        height: u32::try_from(u64::from(request.height)).unwrap_or(u32::MAX),
        is_cropped: request.method == Some(Method::Crop),
    };
    if wanted.width == 0 || wanted.height == 0 {
        return Err(Rejection::invalid_param("A thumbnail has a width and a height.").into());
    }
    let media = find(&engine, &request.server_name, &request.media_id)?;
    let bytes = bytes_of(&blobs, &media).await?;
    let png = thumbnail::make(bytes, wanted).await?;
    Ok(serve(png, Some("image/png"), Some("thumbnail.png")))
}
