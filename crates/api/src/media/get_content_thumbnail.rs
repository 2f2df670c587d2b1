//! `GET /_matrix/client/v1/media/thumbnail/{serverName}/{mediaId}`

use axum::{extract::State, response::Response};
use domain::Rejection;
use engine::Engine;
use ruma::{api::client::authenticated_media::get_content_thumbnail::v1::Request, media::Method};

use super::{
    conditions::Conditions,
    serve::Served,
    stored::{etag, find_or_wait, opened},
    thumbnail::size::Size,
    work::MediaWork,
};
use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    State(work): State<MediaWork>,
    _: Sender,
    conditions: Conditions,
    Ruma(request): Ruma<Request>,
) -> Result<Response, ApiError> {
    let pixels = |number| u32::try_from(u64::from(number)).unwrap_or(u32::MAX);
    let (width, height) = (pixels(request.width), pixels(request.height));
    if width == 0 || height == 0 {
        return Err(Rejection::invalid_param("A thumbnail has a width and a height.").into());
    }
    let size = Size::nearest(width, height, request.method == Some(Method::Crop));
    let media = find_or_wait(&engine, &request.server_name, &request.media_id, request.timeout_ms).await?;
    let reader = match opened(&engine, &media, Some(size.name)).await? {
        Some(reader) => reader,
        None => work.thumbnails.make(&engine, &media, size).await?,
    };
    let (content_type, filename) = (Some("image/png"), Some("thumbnail.png"));
    Served { reader, etag: etag(&media, Some(size.name)), content_type, filename }.answer(&conditions).await
}
