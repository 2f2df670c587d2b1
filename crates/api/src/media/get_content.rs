//! `GET /_matrix/client/v1/media/download/{serverName}/{mediaId}` and the same with a file name.

use axum::{extract::State, response::Response};
use domain::user::media::MediaUploaded;
use engine::Engine;
use ruma::api::client::authenticated_media::{get_content::v1::Request, get_content_as_filename::v1 as named};

use super::{
    conditions::Conditions,
    serve::Served,
    stored::{etag, find_or_wait, gone, opened},
};
use crate::{
    error::ApiError,
    extract::{Ruma, Sender},
};

pub(crate) async fn handle(
    State(engine): State<Engine>,
    _: Sender,
    conditions: Conditions,
    Ruma(request): Ruma<Request>,
) -> Result<Response, ApiError> {
    let media = find_or_wait(&engine, &request.server_name, &request.media_id, request.timeout_ms).await?;
    answer(&engine, &media, media.filename.as_deref(), &conditions).await
}

pub(crate) async fn handle_named(
    State(engine): State<Engine>,
    _: Sender,
    conditions: Conditions,
    Ruma(request): Ruma<named::Request>,
) -> Result<Response, ApiError> {
    let media = find_or_wait(&engine, &request.server_name, &request.media_id, request.timeout_ms).await?;
    answer(&engine, &media, Some(&request.filename), &conditions).await
}

async fn answer(
    engine: &Engine,
    media: &MediaUploaded,
    filename: Option<&str>,
    conditions: &Conditions,
) -> Result<Response, ApiError> {
    let reader = opened(engine, media, None).await?.ok_or_else(gone)?;
    let content_type = media.content_type.as_deref();
    Served { reader, etag: etag(media, None), content_type, filename }.answer(conditions).await
}
