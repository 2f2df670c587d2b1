//! `POST /_matrix/media/v3/upload`

use std::sync::Arc;

use axum::{
    extract::{Query, Request, State},
    http::{HeaderMap, header::CONTENT_TYPE},
};
use engine::{BlobStore, Engine};
use ruma::api::client::media::create_content::v3::Response;
use serde::Deserialize;

use super::upload::{Upload, address, read, store};
use crate::{
    app::ApiSettings,
    error::ApiError,
    extract::{Ruma, Sender},
};

#[derive(Deserialize)]
pub(crate) struct Named {
    pub(super) filename: Option<String>,
}

pub(super) fn content_type(headers: &HeaderMap) -> Option<String> {
    headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

pub(crate) async fn handle(
    State(engine): State<Engine>,
    State(blobs): State<Arc<dyn BlobStore>>,
    State(settings): State<Arc<ApiSettings>>,
    sender: Sender,
    Query(Named { filename }): Query<Named>,
    request: Request,
) -> Result<Ruma<Response>, ApiError> {
    let content_type = content_type(request.headers());
    let bytes = read(request.into_body(), settings.upload_bytes_max).await?;
    let upload = Upload { user_id: sender.user_id, media_id: None, content_type, filename, bytes };
    let media_id = store(&engine, &blobs, upload).await?;
    Ok(Ruma(Response::new(address(&engine, &media_id))))
}
